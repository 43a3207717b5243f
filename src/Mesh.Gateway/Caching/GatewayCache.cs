using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Mesh.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Caching;

/// <summary>
/// A shared cache in front of the services (RFC 9111). It stands behind everything that may refuse a request, so that nobody
/// is given from it what the service would not have been asked for.
/// </summary>
/// <param name="cache">What is kept. Survives reloads: the name of the rule is part of every key.</param>
/// <param name="name">What it is called in <c>Cache-Status</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class GatewayCache(MeshGatewayCache cache, string name, TimeProvider time)
{
    // How long a request waits for the answer to another; then it asks for itself.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // How long a resource is remembered whose answers nobody may have (Varnish: hit-for-miss).
    private static readonly TimeSpan PassFor = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, CacheFlight> _flights = new(StringComparer.Ordinal);
    private readonly Invalidations _invalidations = new();
    private readonly string _name = $"\"{name}\"";

    /// <summary>Whether a request may change what it is about (RFC 9110, 9.2.1).</summary>
    public static bool MayChange(string method) =>
        !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method) && !HttpMethods.IsTrace(method);

    /// <summary>Answers a request from what is kept, or lets <paramref name="next"/> do it.</summary>
    public Task InvokeAsync(HttpContext http, RouteRule rule, GatewayTarget target, CacheLimits limits, RequestDelegate next) =>
        MayChange(http.Request.Method) ? ChangeAsync(http, CacheKey.TargetOf(http.Request, target), next)
        : rule.Cache is not null && CacheRequest.IsCandidate(http) ? ServeAsync(http, rule, target, limits, next)
        : next(http);

    private async Task ChangeAsync(HttpContext http, string target, RequestDelegate next)
    {
        await next(http).ConfigureAwait(false);
        if (http.Response.StatusCode is >= 200 and < 400)
        {
            _invalidations.Mark(target, time.GetUtcNow());
        }
    }

    private async Task ServeAsync(HttpContext http, RouteRule rule, GatewayTarget target, CacheLimits limits, RequestDelegate next)
    {
        var request = CacheRequest.Read(http, rule.Cache!);
        var resource = CacheKey.TargetOf(http.Request, target);
        var key = CacheKey.Of(http.Request, rule, target, resource);
        var found = Find(key, http, request, out var ownKey);
        var now = time.GetUtcNow();
        if (found is { IsPass: false } && request.TakesAsFresh(found, now))
        {
            await WriteAsync(http, found, now, "hit").ConfigureAwait(false);
            return;
        }

        if (request.OnlyIfCached)
        {
            await GatewayProblems.NotCached.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        var isPass = found is { IsPass: true } && found.Freshness.IsFreshAt(now);
        var stale = found is { IsPass: false } ? found : null;
        if (isPass || request.ForbidsStoring || request.IsHead)
        {
            await FetchAsync(new Order(http, rule, limits, request, key, resource, request.IsHead ? null : stale, null), next).ConfigureAwait(false);
            return;
        }

        var flight = new CacheFlight();
        var leader = _flights.GetOrAdd(ownKey, flight);
        if (leader != flight)
        {
            await FollowAsync(leader, new Order(http, rule, limits, request, key, resource, stale, null), next).ConfigureAwait(false);
            return;
        }

        try
        {
            await FetchAsync(new Order(http, rule, limits, request, key, resource, stale, flight), next).ConfigureAwait(false);
        }
        finally
        {
            _flights.TryRemove(KeyValuePair.Create(ownKey, flight));
            flight.Release();
        }
    }

    // Another's request is under way: its answer will do, and a stale one does meanwhile where the service says so.
    private async Task FollowAsync(CacheFlight leader, Order order, RequestDelegate next)
    {
        var http = order.Http;
        if (order.Stale is { } stale && stale.Freshness.MayBeStaleAt(time.GetUtcNow(), stale.Freshness.StaleWhileRevalidate))
        {
            await WriteAsync(http, stale, time.GetUtcNow(), "hit").ConfigureAwait(false);
            return;
        }

        if (await leader.WaitAsync(Patience, time, http.RequestAborted).ConfigureAwait(false)
            && Find(order.Key, http, order.Request, out _) is { IsPass: false } landed
            && order.Request.TakesAsFresh(landed, time.GetUtcNow()))
        {
            await WriteAsync(http, landed, time.GetUtcNow(), "hit").ConfigureAwait(false);
            return;
        }

        await FetchAsync(order, next).ConfigureAwait(false);
    }

    private async Task FetchAsync(Order order, RequestDelegate next)
    {
        var http = order.Http;
        cache.CountMiss();
        var fetch = new CacheFetch(http, order.Rule.Cache!, order.Request, order.Stale is { HasValidator: true } or { Freshness.StaleIfError.Ticks: > 0 } ? order.Stale : null, order.Limits, order.Flight, time)
        {
            Describe = verdict => $"{_name}; fwd={(order.Stale is null ? "uri-miss" : "stale")}{(verdict == CacheVerdict.Keep ? "; stored" : "")}",
        };
        var body = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var tap = new ResponseTap(body, fetch);
        var (tag, since) = (http.Request.Headers.IfNoneMatch, http.Request.Headers.IfModifiedSince);
        http.Features.Set<IHttpResponseBodyFeature>(tap);
        try
        {
            if (order.Stale is { HasValidator: true } stale)
            {
                // The caller's own conditions are about another answer; they are looked at when this one is known.
                http.Request.Headers.IfNoneMatch = stale.ETag ?? StringValues.Empty;
                http.Request.Headers.IfModifiedSince = stale.ETag is null ? stale.LastModified : StringValues.Empty;
            }

            await next(http).ConfigureAwait(false);
            await tap.FinishAsync().ConfigureAwait(false);
            fetch.Decide();
        }
        finally
        {
            http.Features.Set(body);
            http.Request.Headers.IfNoneMatch = tag;
            http.Request.Headers.IfModifiedSince = since;
        }

        await ConcludeAsync(fetch, order).ConfigureAwait(false);
        await tap.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ConcludeAsync(CacheFetch fetch, Order order)
    {
        var http = order.Http;
        if (fetch.Decide() == CacheVerdict.Replace)
        {
            var entry = order.Stale!;
            if (fetch.IsConfirmed)
            {
                entry = fetch.Freshen(entry);
                cache.Store.Put(entry, order.Limits.MaxBytes);
                order.Flight?.Release();
            }

            fetch.Withdraw();
            await StoredAnswer.WriteAsync(http, entry, time.GetUtcNow(), $"{_name}; fwd=stale; fwd-status={fetch.Status.ToString(CultureInfo.InvariantCulture)}").ConfigureAwait(false);
            return;
        }

        if (fetch.Complete(order.Key, order.Resource, out var varies) is { } kept)
        {
            if (varies.Length > 0)
            {
                cache.Store.Put(new CacheEntry(order.Key, order.Resource, fetch.Requested) { Varies = varies }, order.Limits.MaxBytes);
            }

            cache.Store.Put(kept, order.Limits.MaxBytes);
        }
        else if (fetch.IsUnfit && order.Stale is null && cache.Store.Find(order.Key) is not { Varies.Length: > 0 })
        {
            var freshness = new Freshness { Received = time.GetUtcNow(), Lifetime = PassFor, IsForAll = true };
            cache.Store.Put(new CacheEntry(order.Key, order.Resource, fetch.Requested) { IsPass = true, Freshness = freshness }, order.Limits.MaxBytes);
        }
    }

    private CacheEntry? Find(string key, HttpContext http, in CacheRequest request, out string ownKey)
    {
        ownKey = key;
        var entry = cache.Store.Find(key);
        if (entry is { Varies.Length: > 0 })
        {
            ownKey = CacheKey.Vary(key, entry.Varies, http.Request.Headers);
            entry = cache.Store.Find(ownKey);
        }

        return entry is not null && request.MayHave(entry) && !_invalidations.Covers(entry) ? entry : null;
    }

    private Task WriteAsync(HttpContext http, CacheEntry entry, DateTimeOffset now, string what)
    {
        cache.CountHit();
        var ttl = (long)(entry.Freshness.Lifetime - entry.Freshness.AgeAt(now)).TotalSeconds;
        return StoredAnswer.WriteAsync(http, entry, now, string.Create(CultureInfo.InvariantCulture, $"{_name}; {what}; ttl={ttl}"));
    }

    /// <summary>One request and what is known about it.</summary>
    private sealed record Order(HttpContext Http, RouteRule Rule, CacheLimits Limits, CacheRequest Request, string Key, string Resource, CacheEntry? Stale, CacheFlight? Flight);
}
