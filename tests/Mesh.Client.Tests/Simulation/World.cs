using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;

namespace Mesh.Client.Tests.Simulation;

/// <summary>Callers, replicas and everything that goes wrong between them, all of it made from one seed.</summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly string[] Policies =
    [
        LoadBalancingPolicies.LeastRequest,
        LoadBalancingPolicies.PeakEwma,
        LoadBalancingPolicies.RoundRobin,
        LoadBalancingPolicies.Random,
        LoadBalancingPolicies.RingHash,
        LoadBalancingPolicies.Maglev,
    ];

    private readonly VirtualTime _time = new();
    private readonly Random _random;
    private readonly Replica[] _replicas;
    private readonly Dictionary<string, EndpointMetadata> _metadata;
    private readonly SimulatedCaller[] _callers;
    private readonly double _callsPerSecond;
    private readonly TimeSpan _end;

    public World(int seed, TimeSpan end)
    {
        _random = new Random(seed);
        _end = end;
        _callsPerSecond = 2 + (_random.NextDouble() * 15);
        _replicas = [.. Enumerable.Range(0, _random.Next(2, 25)).Select(number => new Replica(number, TimeSpan.FromMilliseconds(5 + (_random.NextDouble() * 50))))];
        var weighted = _random.Next(2) == 0;
        var zones = _random.Next(1, 4);
        _metadata = _replicas.ToDictionary(static replica => replica.Address, _ => new EndpointMetadata
        {
            Weight = weighted ? _random.Next(1, 10) : 1,
            Region = SimulatedCaller.Region,
            Zone = $"zone-{_random.Next(zones)}",
        });
        var options = Options();
        var replicas = _replicas.ToDictionary(static replica => replica.Address);
        _callers = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => new SimulatedCaller(_time, new Random(_random.Next()), options, replicas))];
        Description = $"{_callers.Length} callers × {_callsPerSecond:0.0}/s, {_replicas.Length} replicas, {options.LoadBalancing.Policy}{(weighted ? ", weights" : "")}, {zones} zones, panic below {options.LoadBalancing.PanicThreshold} %, subset of {options.LoadBalancing.SubsetSize}, "
            + $"{options.Ejection.ConsecutiveFailures} failures eject up to {options.Ejection.MaxPercent} %{(options.Ejection.SuccessRate.Enabled == true ? ", rates" : "")}{(options.Ejection.FailurePercentage.Enabled == true ? ", percentages" : "")}{(options.Ejection.Latency.Enabled == true ? ", latencies" : "")}, {options.Retry.Attempts} retries";
    }

    public string Description { get; }

    public IReadOnlyList<SimulatedCaller> Callers => _callers;

    public VirtualTime Time => _time;

    public ulong Trace => _callers.Aggregate(0UL, static (trace, caller) => (trace * 31) + caller.Reference.Trace);

    /// <summary>Runs to the end and until every call has ended.</summary>
    /// <exception cref="InvariantException">Something happened that must not.</exception>
    public void Run()
    {
        foreach (var caller in _callers)
        {
            caller.Name(Named(_replicas));
            Arrive(caller);
            Rediscover(caller);
            Sweep(caller);
        }

        FallIll();
        Partition();
        var nextComparison = TimeSpan.Zero;
        var rest = _callers[0].Service.Policy.Timeout + TimeSpan.FromSeconds(1);
        while (_time.TryStep(_end + rest))
        {
            var everything = _time.Elapsed >= nextComparison;
            if (everything)
            {
                nextComparison = _time.Elapsed + TimeSpan.FromSeconds(1);
            }

            foreach (var caller in _callers)
            {
                caller.Reference.Check(everything);
            }
        }

        if (_callers.Sum(static caller => caller.Open) is > 0 and var open)
        {
            throw new InvariantException($"{open} calls never ended");
        }
    }

    public void Dispose()
    {
        foreach (var caller in _callers)
        {
            caller.Dispose();
        }
    }

    private ServiceOptions Options() => new()
    {
        Timeout = TimeSpan.FromSeconds(1 + (_random.NextDouble() * 4)),
        AttemptTimeout = TimeSpan.FromMilliseconds(300 + _random.Next(700)),
        LoadBalancing =
        {
            Policy = Policies[_random.Next(Policies.Length)],
            PanicThreshold = _random.Next(3) * 40,
            SubsetSize = _random.Next(3) == 0 ? _random.Next(1, 10) : 0,
            SlowStart = { Window = TimeSpan.FromSeconds(_random.Next(2) * 20) },
            HashKeys = [new HashKeyOptions { Source = HashKeySource.Header, Name = SimulatedCaller.User }],
            HashBalanceFactor = _random.Next(2) * 150,
            MinRingSize = 128,
        },
        Retry =
        {
            Attempts = _random.Next(4),
            Budget = { Ratio = _random.Next(3) * 0.1, MinPerSecond = _random.Next(3), Ttl = TimeSpan.FromSeconds(_random.Next(1, 20)) },
        },
        Ejection =
        {
            ConsecutiveFailures = _random.Next(1, 8),
            BaseTime = TimeSpan.FromSeconds(_random.Next(1, 30)),
            MaxTime = TimeSpan.FromSeconds(60),
            MaxPercent = _random.Next(1, 11) * 10,
            ConsecutiveGatewayFailures = _random.Next(2) * _random.Next(1, 5),
            ConsecutiveLocalFailures = _random.Next(2) * _random.Next(1, 5),
            Interval = TimeSpan.FromSeconds(_random.Next(2, 20)),
            SuccessRate = { Enabled = _random.Next(2) == 0, StdevFactor = _random.Next(500, 2500), MinEndpoints = _random.Next(2, 5), MinRequests = _random.Next(2, 20) },
            FailurePercentage = { Enabled = _random.Next(2) == 0, Threshold = _random.Next(20, 95), MinEndpoints = _random.Next(1, 4), MinRequests = _random.Next(2, 20) },
            // Quarters: the two computations must not differ by how they round a product.
            Latency =
            {
                Enabled = _random.Next(2) == 0,
                Quantile = _random.Next(50, 100) / 100.0,
                Factor = 1.5 + (_random.Next(12) / 4.0),
                MinLatency = TimeSpan.FromMilliseconds(_random.Next(1, 100)),
                MinEndpoints = _random.Next(2, 5),
                MinRequests = _random.Next(2, 30),
            },
        },
    };

    // Calls come when they like, whatever became of the ones before: open loop, exponential gaps.
    private void Arrive(SimulatedCaller caller) => Repeat(() => TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / _callsPerSecond), () =>
        caller.Call(_random.Next(50) == 0 ? TimeSpan.FromMilliseconds(_random.Next(500)) : null));

    // A view of its own for each caller: late, partial, empty, back again.
    private void Rediscover(SimulatedCaller caller) => Repeat(() => TimeSpan.FromSeconds(_random.NextDouble() * 40), () =>
    {
        switch (_random.Next(5))
        {
            case 0:
                caller.Name([]);
                break;
            case 1:
                caller.Name(Named([.. _replicas.Where(_ => _random.Next(2) == 0)]));
                break;
            case 2:
                Flap(caller, times: _random.Next(2, 20));
                break;
            default:
                caller.Name(Named(_replicas));
                break;
        }
    });

    private void Flap(SimulatedCaller caller, int times)
    {
        caller.Name(Named([.. _replicas.Where(_ => _random.Next(3) > 0)]));
        if (times > 0)
        {
            _time.After(TimeSpan.FromMilliseconds(_random.Next(500)), () => Flap(caller, times - 1));
        }
    }

    private void Sweep(SimulatedCaller caller) => Repeat(static () => Beat, caller.Sweep);

    private void FallIll() => Repeat(() => TimeSpan.FromSeconds(_random.NextDouble() * 20), () =>
    {
        var replica = _replicas[_random.Next(_replicas.Length)];
        var illness = (Illness)_random.Next(1, 8);
        if (_random.Next(10) == 0)
        {
            // An outage: all of them.
            foreach (var other in _replicas)
            {
                Suffer(other, illness, TimeSpan.FromSeconds(_random.NextDouble() * 10));
            }
        }
        else if (_random.Next(5) == 0)
        {
            Toggle(replica, illness, times: _random.Next(2, 20));
        }
        else
        {
            Suffer(replica, illness, TimeSpan.FromSeconds(_random.NextDouble() * 60));
        }
    });

    private void Suffer(Replica replica, Illness illness, TimeSpan duration)
    {
        replica.Illness = illness;
        _time.After(duration, () => replica.Illness = Illness.None);
    }

    private void Toggle(Replica replica, Illness illness, int times)
    {
        replica.Illness = replica.Illness == Illness.None && times > 0 ? illness : Illness.None;
        if (times > 0)
        {
            _time.After(TimeSpan.FromMilliseconds(_random.Next(50, 1000)), () => Toggle(replica, illness, times - 1));
        }
    }

    private void Partition() => Repeat(() => TimeSpan.FromSeconds(_random.NextDouble() * 60), () =>
    {
        var unreachable = _callers[_random.Next(_callers.Length)].Network.Unreachable;
        unreachable.UnionWith(_replicas.Where(_ => _random.Next(2) == 0));
        _time.After(TimeSpan.FromSeconds(_random.NextDouble() * 15), unreachable.Clear);
    });

    private void Repeat(Func<TimeSpan> pause, Action action) => _time.After(pause(), () =>
    {
        if (_time.Elapsed < _end)
        {
            action();
            Repeat(pause, action);
        }
    });

    private DiscoveredEndpoint[] Named(IEnumerable<Replica> replicas) =>
        [.. replicas.Select(replica => new DiscoveredEndpoint(new EndpointAddress(replica.Host, 80), _metadata[replica.Address]))];
}
