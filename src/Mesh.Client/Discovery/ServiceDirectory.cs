using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Client.Calls;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.HealthChecks;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.Sweeping;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery;

/// <summary>Every service this process has called, by scheme and host name. One per application.</summary>
internal sealed class ServiceDirectory : IDisposable
{
    /// <summary>What calls say that take whichever of the two discovery names, and rather the first.</summary>
    public const string EitherScheme = "https+http";

    // A crawler may call a million hosts; what is remembered of hosts outside the mesh is bounded.
    private const int MaxUnknown = 4096;
    private static readonly TimeSpan RecheckUnknownEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ServiceTarget> _https = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ServiceTarget> _http = new(StringComparer.OrdinalIgnoreCase);

    // "https+http", and whatever else an application may write.
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, ServiceTarget>> _others = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Scheme, string Name), Lazy<Task<ServiceTarget>>> _resolving = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly PolicySource<ClientPolicy> _policies;
    private readonly ServiceEndpointResolver _resolver;
    private readonly ConnectionRotation _rotation;
    private readonly SharedSweep _sweep;
    private readonly MeshClientTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly long _recheckTicks;
    private int _unknown;

    public ServiceDirectory(
        PolicySource<ClientPolicy> policies,
        ServiceEndpointResolver resolver,
        IIdentitySource identity,
        MeshClientTelemetry telemetry,
        TimeProvider time,
        Random random,
        ILogger logger)
    {
        _policies = policies;
        _resolver = resolver;
        _rotation = new ConnectionRotation(identity, time, random);
        _sweep = new SharedSweep(time, logger);
        _telemetry = telemetry;
        _time = time;
        _random = random;
        _logger = logger;
        _recheckTicks = (long)(RecheckUnknownEvery.TotalSeconds * time.TimestampFrequency);
        Stopping = _stopping.Token;
        policies.OnChange(Use);
    }

    public UnknownServiceBehavior UnknownServices => _policies.Current.UnknownServices;

    public MirroringPolicy Mirroring => _policies.Current.Mirroring;

    /// <summary>Fires when the application ends.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>How long a call to a service may take that nobody has called before.</summary>
    public TimeSpan TimeoutOf(string service) => _policies.Current.For(service).Timeout;

    public int PolicyRevision => _policies.Revision;

    /// <summary>The services that belong to the mesh, in order of their names.</summary>
    public IEnumerable<ServiceTarget> Known =>
        All.Where(static service => service.IsKnown).OrderBy(static service => service.Name, StringComparer.Ordinal);

    private IEnumerable<ServiceTarget> All =>
        _https.Values.Concat(_http.Values).Concat(_others.Values.SelectMany(static table => table.Values));

    /// <summary>The service a request goes to, or <see langword="null"/> when discovery has to be asked first.</summary>
    public ServiceTarget? Find(Uri uri) => Find(uri.Scheme, uri.IdnHost);

    /// <summary>The same for a service that a rule names.</summary>
    public ServiceTarget? Find(string scheme, string name) =>
        TableOf(scheme).TryGetValue(name, out var service) && (service.IsKnown || !IsStale(service)) ? service : null;

    /// <summary>Asks discovery about a service once, however many callers wait for it, and follows it from then on.</summary>
    /// <param name="scheme">The scheme of the call.</param>
    /// <param name="name">The name of the service, with the port of its endpoints where a rule names one.</param>
    public Task<ServiceTarget> ResolveAsync(string scheme, string name)
    {
        if (TableOf(scheme).TryGetValue(name, out var service) && (service.IsKnown || !IsStale(service)))
        {
            return Task.FromResult(service);
        }

        // A failed or cancelled resolution must not be remembered: the entry lives only while it runs.
        return _resolving.GetOrAdd((scheme, name), key => new Lazy<Task<ServiceTarget>>(() => StartAsync(key.Scheme, key.Name))).Value;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _rotation.Dispose();
        _sweep.Dispose();
    }

    private async Task<ServiceTarget> StartAsync(string scheme, string key)
    {
        // The loops that begin here must not carry the context of the request that happened to come first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var table = TableOf(scheme);
            if (table.TryGetValue(key, out var service) && service.IsKnown)
            {
                // Another caller's resolution ended between this one's look and its turn.
                return service;
            }

            var policy = _policies.Current;
            var name = key;
            var port = TakePort(ref name);
            var target = service ?? new ServiceTarget(scheme, name, port, policy.For(name), _telemetry, _logger, _time, _random);
            var watcher = new ServiceWatcher(target, _resolver, endpoint => CreateTransport(target, endpoint), _time, _logger);
            var found = await watcher.RefreshAsync(_stopping.Token).ConfigureAwait(false);
            if (found is null && service is null && !policy.Declares(name))
            {
                // To pass the request on would be to guess that it does not belong to the mesh.
                throw MeshRejectedException.DiscoveryFailed(name);
            }

            target.IsKnown = found == true || policy.Declares(name);
            table[key] = target;
            if (_policies.Current != policy)
            {
                // A reload that came in the meantime has not seen this service.
                target.Use(_policies.Current.For(name));
            }

            Count(table, isNew: service is null, target.IsKnown);
            if (target.IsKnown)
            {
                _sweep.Add(new OutlierSweep(target, _time));
                _sweep.Add(new HealthCheckSweep(target, _time, _random, Stopping));
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(() => watcher.RunAsync(_stopping.Token));
                }
            }

            return target;
        }
        finally
        {
            _resolving.TryRemove((scheme, key), out _);
        }
    }

    // Host names have no colon.
    private static int? TakePort(ref string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return null;
        }

        var port = int.Parse(name.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        name = name[..colon];
        return port;
    }

    private void Use(ClientPolicy policy)
    {
        foreach (var service in All)
        {
            if (service.IsKnown)
            {
                service.Use(policy.For(service.Name));
            }
            else
            {
                // The change may have named it: ask again at the next call.
                service.CheckedAt = long.MinValue / 2;
            }
        }

        _rotation.ReviewAll();
        _sweep.Wake();
    }

    private EndpointTransport CreateTransport(ServiceTarget service, Endpoint endpoint) =>
        new(endpoint, () => service.Policy, _rotation);

    private bool IsStale(ServiceTarget service) => _time.GetTimestamp() - service.CheckedAt > _recheckTicks;

    private void Count(ConcurrentDictionary<string, ServiceTarget> table, bool isNew, bool isKnown)
    {
        if (isNew && !isKnown && Interlocked.Increment(ref _unknown) > MaxUnknown)
        {
            ForgetUnknown(table);
        }
        else if (!isNew && isKnown)
        {
            Interlocked.Decrement(ref _unknown);
        }
    }

    private void ForgetUnknown(ConcurrentDictionary<string, ServiceTarget> table)
    {
        foreach (var (name, service) in table)
        {
            if (!service.IsKnown && table.TryRemove(name, out _))
            {
                Interlocked.Decrement(ref _unknown);
            }
        }
    }

    private ConcurrentDictionary<string, ServiceTarget> TableOf(string scheme) => scheme switch
    {
        "https" => _https,
        "http" => _http,
        _ => _others.GetOrAdd(scheme, static _ => new(StringComparer.OrdinalIgnoreCase)),
    };
}
