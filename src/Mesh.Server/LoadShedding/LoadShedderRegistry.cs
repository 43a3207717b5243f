using System.Diagnostics.Metrics;
using Mesh.Server.Telemetry;

namespace Mesh.Server.LoadShedding;

/// <summary>The limiter of this process. It outlives policies: requests in flight stay counted, and what was learned about the application stays known.</summary>
internal sealed class LoadShedderRegistry : IDisposable
{
    private readonly TimeProvider _time;
    private ConcurrencyLimiter? _limiter;
    private SheddingRoute[] _routes = [];
    private LoadSheddingOptions? _options;

    public LoadShedderRegistry(TimeProvider time, IMeterFactory meters)
    {
        _time = time;
        var meter = meters.Create(MeshServerTelemetry.MeterName);
        meter.CreateObservableGauge("mesh.server.concurrency.limit", () => Observe(static limiter => limiter.Limit), "{request}", "Requests that are served at a time.");
        meter.CreateObservableGauge("mesh.server.concurrency.in_flight", () => Observe(static limiter => limiter.InFlight), "{request}", "Requests that are being served.");
        meter.CreateObservableGauge("mesh.server.concurrency.waiting", () => Observe(static limiter => limiter.Waiting), "{request}", "Requests that wait for their turn.");
    }

    /// <summary>The shedder for these options; <see langword="null"/> when it is off. Called by one thread at a time.</summary>
    public LoadShedder? Use(LoadSheddingOptions options)
    {
        _options = options;
        if (options.Algorithm == SheddingAlgorithm.Off && options.Routes.Count == 0)
        {
            return null;
        }

        // What is in flight is counted where it began; a route that has changed begins anew.
        var known = _routes.ToDictionary(static route => route.Key, StringComparer.Ordinal);
        _routes = [.. options.Routes.DistinctBy(static route => new SheddingRoute(route).Key).Select(route => Keep(known, route))];
        if (_limiter is null)
        {
            Volatile.Write(ref _limiter, new ConcurrencyLimiter(options, _time, Random.Shared, new RuntimeSignals(_time)));
        }
        else
        {
            _limiter.Update(options);
        }

        return new LoadShedder(_limiter, _routes, _time);
    }

    public void Dispose() => _limiter?.Dispose();

    private static SheddingRoute Keep(Dictionary<string, SheddingRoute> known, LoadSheddingRouteOptions options)
    {
        var route = new SheddingRoute(options);
        return known.TryGetValue(route.Key, out var kept) ? kept.With(options) : route;
    }

    private IEnumerable<Measurement<int>> Observe(Func<ConcurrencyLimiter, int> value) =>
        _options is { Algorithm: not SheddingAlgorithm.Off } && _limiter is { } limiter ? [new(value(limiter))] : [];
}
