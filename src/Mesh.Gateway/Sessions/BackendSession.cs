using System.Globalization;
using Mesh.Routing;
using Mesh.Routing.Sessions;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Sessions;

/// <summary>
/// The session of one request: which backend and endpoint the caller had before, and, once it has been answered, which it is to
/// have from now on.
/// </summary>
internal sealed class BackendSession
{
    private readonly RouteSession _session;
    private readonly SessionSeal _seal;
    private readonly string _purpose;
    private readonly DateTimeOffset _now;

    private BackendSession(RouteSession session, SessionSeal seal, string purpose, DateTimeOffset now, RouteBackend? backend, string? endpoint)
    {
        (_session, _seal, _purpose, _now) = (session, seal, purpose, now);
        Backend = backend;
        Affinity = new EndpointAffinity(endpoint);
    }

    /// <summary>The backend the caller had, if the rule still has it and gives it requests.</summary>
    public RouteBackend? Backend { get; }

    public EndpointAffinity Affinity { get; }

    /// <summary>Reads what the caller has kept. What is forged, too old or of another rule is as good as nothing.</summary>
    public static BackendSession Find(HttpContext http, RouteRule rule, RouteSession session, SessionSeal seal, DateTimeOffset now)
    {
        var purpose = $"{rule.RouteName}/{rule.Name}";
        var kept = session.Type == SessionPersistenceType.Cookie ? http.Request.Cookies[session.Name] : http.Request.Headers[session.Name].ToString();
        if (string.IsNullOrEmpty(kept)
            || !seal.TryOpen(kept, purpose, out var text)
            || text.Split(' ') is not [var begun, var authority, var endpoint]
            || (session.AbsoluteTimeout is { } timeout && now >= DateTimeOffset.FromUnixTimeSeconds(long.Parse(begun, CultureInfo.InvariantCulture)) + timeout))
        {
            return new BackendSession(session, seal, purpose, now, null, null);
        }

        foreach (var backend in rule.Backends)
        {
            if (backend is { Weight: > 0, IsResolved: true } && backend.Authority == authority)
            {
                return new BackendSession(session, seal, purpose, now, backend, endpoint);
            }
        }

        return new BackendSession(session, seal, purpose, now, null, null);
    }

    /// <summary>Tells the caller what to keep, where that is something new.</summary>
    public void Write(HttpContext http, RouteBackend backend)
    {
        if (Affinity.Chosen is not { } endpoint || endpoint == Affinity.Preferred)
        {
            return;
        }

        var token = _seal.Seal(string.Create(CultureInfo.InvariantCulture, $"{_now.ToUnixTimeSeconds()} {backend.Authority} {endpoint}"), _purpose);
        if (_session.Type == SessionPersistenceType.Header)
        {
            http.Response.Headers[_session.Name] = token;
            return;
        }

        http.Response.Cookies.Append(_session.Name, token, new CookieOptions
        {
            HttpOnly = true,
            Secure = http.Request.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            MaxAge = _session.IsPermanent ? _session.AbsoluteTimeout : null,
            IsEssential = true,
        });
    }
}
