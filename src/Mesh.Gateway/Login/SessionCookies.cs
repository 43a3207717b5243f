using System.Text;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Login;

/// <summary>The cookies of a session and of logins under way: written in pieces that browsers keep, and taken out of what goes upstream.</summary>
internal static class SessionCookies
{
    // Of each login under way a browser keeps two. Tabs that all want to log in must not fill the header.
    private const int MaxPending = 20;

    private static readonly ChunkingCookieManager Chunks = new() { ThrowForPartialCookies = false };

    /// <summary>The beginning of the names of cookies that tie the answer of the provider to the browser that asked.</summary>
    public static string StatePrefix(LoginPolicy policy) => $"{policy.CookieName}-state.";

    /// <summary>The beginning of the names of cookies that tie an ID token to the login it was made for.</summary>
    public static string NoncePrefix(LoginPolicy policy) => $"{policy.CookieName}-nonce.";

    /// <summary>A cookie that scripts and other sites do not see; links from elsewhere bring it along.</summary>
    public static CookieBuilder Builder(string name, TimeSpan? expiration) => new()
    {
        Name = name,
        Path = "/",
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        SecurePolicy = CookieSecurePolicy.Always,
        Expiration = expiration,
    };

    public static string? Find(HttpContext http, LoginPolicy policy) =>
        Mentions(http.Request.Headers.Cookie, policy.CookieName) ? Chunks.GetRequestCookie(http, policy.CookieName) : null;

    public static void Write(HttpContext http, LoginPolicy policy, string value, DateTimeOffset now) =>
        Chunks.AppendResponseCookie(http, policy.CookieName, value, Builder(policy.CookieName, null).Build(http, now));

    public static void Delete(HttpContext http, LoginPolicy policy, DateTimeOffset now) =>
        Chunks.DeleteCookie(http, policy.CookieName, Builder(policy.CookieName, null).Build(http, now));

    /// <summary>Forgets logins that nobody finished, when there are too many.</summary>
    public static void DeletePending(HttpContext http, LoginPolicy policy, DateTimeOffset now)
    {
        var pending = http.Request.Cookies.Keys
            .Where(name => name.StartsWith(StatePrefix(policy), StringComparison.Ordinal) || name.StartsWith(NoncePrefix(policy), StringComparison.Ordinal))
            .ToArray();
        if (pending.Length < MaxPending)
        {
            return;
        }

        foreach (var name in pending)
        {
            http.Response.Cookies.Delete(name, Builder(name, null).Build(http, now));
        }
    }

    /// <summary>Takes the gateway's own cookies out of a request. The others stay byte for byte.</summary>
    public static void Remove(HttpRequest request, LoginPolicy policy)
    {
        var fields = request.Headers.Cookie;
        if (!Mentions(fields, policy.CookieName))
        {
            return;
        }

        List<string> kept = [];
        foreach (var field in fields)
        {
            if (Without(field ?? "", policy.CookieName) is { Length: > 0 } rest)
            {
                kept.Add(rest);
            }
        }

        request.Headers.Cookie = kept.Count == 0 ? default : new StringValues([.. kept]);
    }

    private static string Without(string field, string prefix)
    {
        var rest = new StringBuilder(field.Length);
        foreach (var range in field.AsSpan().Split(';'))
        {
            var pair = field.AsSpan()[range];
            if (!pair.TrimStart(' ').StartsWith(prefix, StringComparison.Ordinal))
            {
                rest.Append(rest.Length == 0 ? "" : ";").Append(rest.Length == 0 ? pair.TrimStart(' ') : pair);
            }
        }

        return rest.ToString();
    }

    private static bool Mentions(StringValues fields, string name)
    {
        foreach (var field in fields)
        {
            if (field is not null && field.Contains(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
