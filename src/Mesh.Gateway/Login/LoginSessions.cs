using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Routing;
using Mesh.Server.Authentication.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Login;

/// <summary>The sessions of browsers, each in its encrypted cookie: nothing is kept here, so that every instance knows them.</summary>
/// <param name="policies">Asked when requests come: at the start it may not be valid, and the start-up checks say so.</param>
/// <param name="providers">Where users log in.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of sessions that are too large.</param>
internal sealed partial class LoginSessions(Lazy<PolicySource<GatewayPolicy>> policies, LoginProviders providers, TimeProvider time, ILogger<LoginSessions> logger) : ICallerSessions
{
    /// <summary>What holds now.</summary>
    public LoginPolicy Policy => policies.Value.Current.Login!;

    /// <summary>The hosts that are served; <see langword="null"/> for all.</summary>
    public HostList? Hosts => policies.Value.Current.Hosts;

    public ValueTask<CallerSession?> FindAsync(HttpContext http)
    {
        var policy = Policy;
        if (Find(http, policy) is not { } known)
        {
            return default;
        }

        if (!OriginGuard.Allows(http.Request, policy))
        {
            http.Features.Set(CrossSiteRequest.Instance);
            return default;
        }

        var ticket = known.Ticket;
        var session = new LoginSession(ticket, policy);
        http.Features.Set(session);
        var now = time.GetUtcNow();
        if (now - ticket.Renewed > policy.IdleTimeout / 2)
        {
            session.Ticket = ticket with { Renewed = now };
            Keep(http, session);
        }

        return new(known.Caller);
    }

    public async ValueTask<bool> TryChallengeAsync(HttpContext http)
    {
        if (http.Features.Get<CrossSiteRequest>() is not null)
        {
            await LoginProblems.CrossSite.WriteAsync(http).ConfigureAwait(false);
            return true;
        }

        if (!BrowserNavigation.Is(http.Request))
        {
            return false;
        }

        var request = http.Request;
        await ChallengeAsync(http, $"{request.PathBase}{request.Path.ToUriComponent()}{request.QueryString}").ConfigureAwait(false);
        return true;
    }

    public void Remove(HttpRequest request) => SessionCookies.Remove(request, Policy);

    /// <summary>Sends a browser to the provider, and from there back to a page of this gateway.</summary>
    public async Task ChallengeAsync(HttpContext http, string? returnUrl)
    {
        var policy = Policy;
        SessionCookies.DeletePending(http, policy, time.GetUtcNow());
        if (await providers.For(policy).TryChallengeAsync(http, ReturnUrl.Guard(returnUrl)).ConfigureAwait(false))
        {
            http.Response.Headers.CacheControl = "no-store";
            return;
        }

        await LoginProblems.Unavailable.WriteAsync(http).ConfigureAwait(false);
    }

    /// <summary>The session that a request shows, if it is valid.</summary>
    public LoginTicket? Read(HttpContext http, LoginPolicy policy) => Find(http, policy)?.Ticket;

    /// <summary>Begins a session.</summary>
    /// <returns>Whether its cookie has not become too large.</returns>
    public bool TryBegin(HttpContext http, LoginPolicy policy, LoginTicket ticket)
    {
        var bytes = ticket.Write();
        if (bytes.Length > LoginTicket.MaxBytes)
        {
            Log.TooLarge(logger, ticket.Subject, bytes.Length, LoginTicket.MaxBytes);
            return false;
        }

        SessionCookies.Write(http, policy, Protect(policy, bytes), time.GetUtcNow());
        return true;
    }

    /// <summary>Writes the session again when the response begins, whatever that will be.</summary>
    public void Keep(HttpContext http, LoginSession session)
    {
        if (session.IsKept)
        {
            return;
        }

        session.IsKept = true;
        http.Response.OnStarting(
            static state =>
            {
                var (sessions, http, session) = ((LoginSessions, HttpContext, LoginSession))state;
                if (sessions.TryBegin(http, session.Policy, session.Ticket))
                {
                    // A cache that kept this response would give the session to everybody.
                    http.Response.Headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            },
            (this, http, session));
    }

    /// <summary>Ends a session in its browser.</summary>
    public void End(HttpContext http, LoginPolicy policy) => SessionCookies.Delete(http, policy, time.GetUtcNow());

    private string Protect(LoginPolicy policy, byte[] bytes) => WebEncoders.Base64UrlEncode(providers.For(policy).Protector.Protect(bytes));

    private SessionCache.Known? Find(HttpContext http, LoginPolicy policy)
    {
        if (SessionCookies.Find(http, policy) is not { Length: > 0 and <= LoginTicket.MaxBytes * 2 } cookie)
        {
            return null;
        }

        var provider = providers.For(policy);
        var known = provider.Cache.Find(cookie);
        if (known is null)
        {
            known = Open(cookie, provider);
            if (known is null)
            {
                return null;
            }

            provider.Cache.Add(cookie, known);
        }

        return known.Ticket.IsAlive(time.GetUtcNow(), policy) ? known : null;
    }

    private static SessionCache.Known? Open(string cookie, LoginProvider provider)
    {
        try
        {
            return LoginTicket.Read(provider.Protector.Unprotect(WebEncoders.Base64UrlDecode(cookie))) is { } ticket
                ? new SessionCache.Known(ticket, CallerOf(ticket))
                : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static CallerSession CallerOf(LoginTicket ticket)
    {
        var claims = ticket.Claims.Length > 0 ? Encoding.UTF8.GetBytes(ticket.Claims) : IdTokenClaims.PayloadOf(ticket.IdToken);
        return new CallerSession(ticket.Issuer, ticket.Subject, TokenClaims.Parse(claims));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The session of '{Subject}' would have {Bytes} bytes, allowed are {Allowed}: ask the provider for fewer claims, or set Mesh:Gateway:Login:SaveTokens to false.")]
        public static partial void TooLarge(ILogger logger, string subject, int bytes, int allowed);
    }
}
