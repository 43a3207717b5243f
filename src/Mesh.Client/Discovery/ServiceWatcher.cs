using System.Net;
using Mesh.Client.Endpoints;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery;

/// <summary>
/// Follows discovery for one service and publishes its endpoints. What discovery last knew stays in force while it
/// fails, and an endpoint keeps its state through every refresh.
/// </summary>
internal sealed partial class ServiceWatcher
{
    // Microsoft's watchers are dropped when nobody asks for ten seconds; asking on our own beat keeps them alive.
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    // Latency figures age by the beat and not by news. A little less than it, because timers are a little early.
    private static readonly TimeSpan SweepAtMostEvery = TimeSpan.FromSeconds(4);

    // A registry that flaps may have a tenth of a core: after taking over its news, a pause of nine times as long.
    private const int RestFactor = 9;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly ServiceTarget _service;
    private readonly ServiceEndpointResolver _resolver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string[] _schemes;
    private readonly EndpointRegistry _registry;
    private string _scheme;
    private IChangeToken? _changed;
    private TimeSpan _rest;
    private long _swept;
    private int _failures;
    private bool _isEmpty;

    public ServiceWatcher(
        ServiceTarget service,
        ServiceEndpointResolver resolver,
        Func<Endpoint, EndpointTransport> createTransport,
        TimeProvider time,
        ILogger logger)
    {
        _service = service;
        _resolver = resolver;
        _time = time;
        _logger = logger;
        _schemes = service.Scheme.Split('+');
        _scheme = _schemes[0];
        _swept = time.GetTimestamp();
        _registry = new EndpointRegistry(createTransport, time);
    }

    /// <summary>Asks discovery once.</summary>
    /// <returns>Whether it names endpoints for the service; <see langword="null"/> when it failed to say.</returns>
    public async Task<bool?> RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await ResolveAsync(cancellationToken).ConfigureAwait(false);
            _failures = 0;
            return Apply(found);
        }
#pragma warning disable CA1031 // Whatever a provider throws, the last known endpoints stay in force.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // Its token has fired, if it has one: listening to it again would make this a loop without a pause.
            _changed = null;
            if (_failures++ == 0)
            {
                Log.DiscoveryFailed(_logger, _service.Name, _service.Endpoints.All.Length, exception.Message);
            }

            return null;
        }
        finally
        {
            _service.CheckedAt = _time.GetTimestamp();
        }
    }

    /// <summary>Follows discovery until cancelled, then disposes the endpoints.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await RestAsync(cancellationToken).ConfigureAwait(false);
                await PauseAsync(cancellationToken).ConfigureAwait(false);
                await RefreshAsync(cancellationToken).ConfigureAwait(false);
                if (_time.GetElapsedTime(_swept) >= SweepAtMostEvery)
                {
                    _swept = _time.GetTimestamp();
                    _registry.Sweep();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _registry.DisposeAll();
        }
    }

    private async Task<List<DiscoveredEndpoint>> ResolveAsync(CancellationToken cancellationToken)
    {
        foreach (var scheme in _schemes)
        {
            var source = await _resolver.GetEndpointsAsync($"{scheme}://{_service.Name}", cancellationToken).ConfigureAwait(false);
            _changed = source.ChangeToken;
            List<DiscoveredEndpoint> found = [];
            foreach (var endpoint in source.Endpoints)
            {
                if (!PassThrough.IsEcho(endpoint) && EndpointAddress.From(endpoint, scheme, _service.Port) is { } address)
                {
                    found.Add(new DiscoveredEndpoint(address, endpoint.Features.Get<EndpointMetadata>() ?? EndpointMetadata.Default));
                }
            }

            if (found.Count > 0)
            {
                _scheme = scheme;
                return found;
            }
        }

        return [];
    }

    private bool Apply(List<DiscoveredEndpoint> found)
    {
        var started = _time.GetTimestamp();
        var result = TakeOver(found);
        _rest = _time.GetElapsedTime(started) * RestFactor;
        return result;
    }

    private bool TakeOver(List<DiscoveredEndpoint> found)
    {
        if (found.Count == 0)
        {
            // A provider that says "none" for a service that had endpoints is more likely ill than right.
            if (_service.Endpoints.All.Length > 0 && !_isEmpty)
            {
                _isEmpty = true;
                Log.DiscoveryEmpty(_logger, _service.Name, _service.Endpoints.All.Length);
            }

            return false;
        }

        _isEmpty = false;
        if (_registry.Update(_scheme, found) is { } endpoints)
        {
            _service.Use(endpoints, _scheme);
            Log.Endpoints(_logger, _service.Name, endpoints.Length);
        }

        return true;
    }

    private Task RestAsync(CancellationToken cancellationToken)
    {
        var rest = _rest < LongestRest ? _rest : LongestRest;
        _rest = TimeSpan.Zero;
        return rest < TimeSpan.FromMilliseconds(1) ? Task.CompletedTask : Task.Delay(rest, _time, cancellationToken);
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        var pause = _failures == 0 ? Beat : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, Beat.Ticks << Math.Min(_failures - 1, 8)));
        using var changed = new CancellationTokenSource();
        using var registration = _changed?.RegisterChangeCallback(static state => ((CancellationTokenSource)state!).Cancel(), changed);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(changed.Token, cancellationToken);
        try
        {
            await Task.Delay(pause, _time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Discovery has news.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Service {Service} has {Count} endpoints.")]
        public static partial void Endpoints(ILogger logger, string service, int count);

        [LoggerMessage(2, LogLevel.Warning, "Discovery of service {Service} failed; its {Count} known endpoints stay in use. {Reason}")]
        public static partial void DiscoveryFailed(ILogger logger, string service, int count, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Discovery of service {Service} names no endpoint any more; the {Count} it named last stay in use.")]
        public static partial void DiscoveryEmpty(ILogger logger, string service, int count);
    }
}
