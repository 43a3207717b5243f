using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Login;

/// <summary>
/// Tells requests that pages of others make a browser send from those of one's own, by what browsers say and pages cannot
/// change. The algorithm is that of Go's <c>net/http.CrossOriginProtection</c> (F. Valsorda, "Cross-Site Request Forgery", 2025).
/// </summary>
internal static class OriginGuard
{
    /// <summary>Whether the session of a browser counts for this request: it changes nothing, or comes from a page that may.</summary>
    public static bool Allows(HttpRequest request, LoginPolicy policy)
    {
        var method = request.Method;
        return (IsSafe(method) && !OpensTunnel(request)) || IsOwn(request, policy);
    }

    /// <summary>Whether the request comes from a page of this gateway, from a trusted one, or from no page at all.</summary>
    public static bool IsOwn(HttpRequest request, LoginPolicy policy)
    {
        var headers = request.Headers;
        string? origin = headers.Origin;
        var site = headers["Sec-Fetch-Site"].ToString();
        if (site is "same-origin" or "none")
        {
            return true;
        }

        if (origin is null)
        {
            // All browsers send one of the two with requests that change something: this is a program, which nobody can lead astray.
            return site.Length == 0;
        }

        foreach (var trusted in policy.TrustedOrigins)
        {
            if (string.Equals(origin, trusted, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        if (site.Length > 0)
        {
            return false;
        }

        return policy.PublicOrigin is { } own
            ? string.Equals(origin, own, StringComparison.OrdinalIgnoreCase)
            : Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    // A WebSocket begins with a GET, is bound by no CORS, and then does anything.
    private static bool OpensTunnel(HttpRequest request) =>
        request.Headers.Upgrade.Count > 0 || request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
