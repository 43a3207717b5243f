using Mesh.Routing.Caching;
using Mesh.Authorization;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Caching;

/// <summary>What a request says about kept answers.</summary>
internal readonly record struct CacheRequest
{
    /// <summary>Whether the caller has shown who it is: it gets, and leaves, only what is meant for all.</summary>
    public bool IsKnownCaller { get; private init; }

    public bool HasCookies { get; private init; }

    public bool IsHead { get; private init; }

    /// <summary>Whether its answer must not be kept.</summary>
    public bool ForbidsStoring { get; private init; }

    public bool OnlyIfCached { get; private init; }

    private bool MustAsk { get; init; }

    private TimeSpan? MaxAge { get; init; }

    private TimeSpan MinFresh { get; init; }

    /// <summary>Whether the answer depends on nothing but the target and the header.</summary>
    public static bool IsCandidate(HttpContext http)
    {
        var request = http.Request;
        var headers = request.Headers;
        return (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && headers.Range.Count == 0
            && headers.IfMatch.Count == 0
            && headers.IfUnmodifiedSince.Count == 0
            && headers.Upgrade.Count == 0

            // A body that is not part of the key could choose the answer that others get.
            && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
            && request.ContentLength is null or 0;
    }

    public static CacheRequest Read(HttpContext http, RouteCache filter)
    {
        var headers = http.Request.Headers;
        var control = headers.CacheControl.Count > 0 && CacheControlHeaderValue.TryParse(headers.CacheControl.ToString(), out var parsed) ? parsed : null;
        var honored = filter.HonorsRequestDirectives ? control : null;
        return new CacheRequest
        {
            IsKnownCaller = headers.Authorization.Count > 0
                || http.Features.Get<MeshRequest>() is { Credentials: not CallerCredentials.None }
                || http.User.Identity is { IsAuthenticated: true },
            HasCookies = headers.Cookie.Count > 0,
            IsHead = HttpMethods.IsHead(http.Request.Method),
            ForbidsStoring = control is { NoStore: true },
            OnlyIfCached = honored is { OnlyIfCached: true },
            MustAsk = honored is { NoCache: true },
            MaxAge = honored?.MaxAge,
            MinFresh = honored?.MinFresh ?? TimeSpan.Zero,
        };
    }

    /// <summary>Whether an answer may go to this caller at all.</summary>
    public bool MayHave(CacheEntry entry) =>
        (!IsKnownCaller || entry.Freshness.IsForAll) && (!HasCookies || !entry.Freshness.IsByDefault);

    /// <summary>Whether it is as fresh as it must be.</summary>
    public bool TakesAsFresh(CacheEntry entry, DateTimeOffset now)
    {
        var freshness = entry.Freshness;
        return freshness.IsFreshAt(now + MinFresh) && !MustAsk && (MaxAge is not { } oldest || freshness.AgeAt(now) <= oldest);
    }

    /// <summary>Whether the answer to this request may be given to others.</summary>
    public bool MayLeave(in Freshness freshness) =>
        !ForbidsStoring && !IsHead && (!IsKnownCaller || freshness.IsForAll) && (!HasCookies || !freshness.IsByDefault);
}
