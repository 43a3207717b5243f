using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Endpoints;

public sealed class EndpointSetTests
{
    private static readonly EjectionPolicy Policy = new(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);

    private static readonly BalancingPolicy Balancing = Replicas.Balancing(LoadBalancingPolicies.LeastRequest, new Random(1));

    private readonly FakeTimeProvider _time = new();
    private readonly Random _random = new(1);

    [Test]
    public void Pick_NoEndpoints_IsNothing() => Assert.That(Pick(Set([], out _), []).Endpoint, Is.Null);

    [Test]
    public void Pick_SingleEndpoint_IsItEvenWhenTriedOrEjected()
    {
        var endpoints = Replicas.Create(2);
        var set = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[0], _time, Policy);
        set = new EndpointSet([endpoints[0]], "https", ledger, Balancing);

        Assert.That(Pick(set, [endpoints[0]]).Endpoint, Is.SameAs(endpoints[0]));
    }

    [Test]
    public void Pick_SingleEjectedEndpointWhoseTimeIsUp_IsItsProbe()
    {
        var endpoints = Replicas.Create(2);
        _ = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.That(Pick(new EndpointSet([endpoints[0]], "https", ledger, Balancing), []), Is.EqualTo(new Pick(endpoints[0], IsProbe: true)));
    }

    [Test]
    public void Pick_OneLeftInRotationAndNoPanic_IsAlwaysThatOne()
    {
        var endpoints = Replicas.Create(10);
        var set = Set(endpoints, out var ledger).With(Balancing with { PanicThreshold = 0 });
        Fail(ledger, endpoints.AsSpan(1));
        for (var i = 0; i < 200; i++)
        {
            Assert.That(Pick(set, []).Endpoint, Is.SameAs(endpoints[0]));
        }
    }

    [Test]
    public void Pick_FewerInRotationThanThePanicThreshold_UsesThemAll()
    {
        var endpoints = Replicas.Create(10);
        var set = Set(endpoints, out var ledger);
        Fail(ledger, endpoints.AsSpan(5));
        Assert.That(Picked(set), Is.EquivalentTo(endpoints[..5]), "half of them are enough");

        Fail(ledger, endpoints[4]);
        Assert.That(Picked(set), Is.EquivalentTo(endpoints));
    }

    [Test]
    public void Pick_NoneInRotationAndNoPanic_IsNothing()
    {
        var endpoints = Replicas.Create(4);
        var set = Set(endpoints, out var ledger).With(Balancing with { PanicThreshold = 0 });
        Fail(ledger, endpoints.AsSpan(1));

        Assert.That(Pick(new EndpointSet(endpoints[1..], "https", ledger, Balancing with { PanicThreshold = 0 }), []).Endpoint, Is.Null);
        Assert.That(Pick(set, endpoints.AsSpan(0, 1)).Endpoint, Is.SameAs(endpoints[0]), "rather one that was tried than one out of rotation");
    }

    [Test]
    public void Pick_HealthyOnesTried_PanicsToAnEjectedOneNotTried()
    {
        var endpoints = Replicas.Create(3);
        var set = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[2], _time, Policy);
        for (var i = 0; i < 200; i++)
        {
            Assert.That(Pick(set, endpoints.AsSpan(0, 2)), Is.EqualTo(new Pick(endpoints[2], IsProbe: false)));
        }
    }

    [Test]
    public void Pick_AllTried_IsAnyOfThem()
    {
        var endpoints = Replicas.Create(3);
        var set = Set(endpoints, out _);

        var picked = Enumerable.Range(0, 200).Select(_ => Pick(set, endpoints).Endpoint).ToHashSet();

        Assert.That(picked, Is.EquivalentTo(endpoints));
    }

    [Test]
    public void Pick_ProbeDueUnderConcurrency_IsClaimedOnce()
    {
        var endpoints = Replicas.Create(4);
        var set = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[0], _time, Policy);
        for (var round = 0; round < 50; round++)
        {
            _time.Advance(TimeSpan.FromMinutes(6));
            var probes = 0;
            Parallel.For(0, 64, _ =>
            {
                var pick = set.Pick(Random.Shared, [], _time.GetTimestamp(), _time.GetTimestamp());
                if (pick.IsProbe)
                {
                    Interlocked.Increment(ref probes);
                }
                else if (pick.Endpoint == endpoints[0])
                {
                    Interlocked.Add(ref probes, 1000);
                }
            });

            Assert.That(probes, Is.EqualTo(1));
            ledger.Record(endpoints[0], CallOutcome.Failure, probe: true, _time.GetTimestamp(), Policy);
        }
    }

    [Test]
    public void Pick_ProbeDueOnARetry_GoesElsewhere()
    {
        var endpoints = Replicas.Create(3);
        var set = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[0], _time, Policy);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(Pick(set, endpoints.AsSpan(1, 1)), Is.EqualTo(new Pick(endpoints[2], IsProbe: false)));
    }

    [Test]
    public void Pick_WithPatience_ProbesOnlyWhatHasWaitedThatLong()
    {
        var endpoints = Replicas.Create(4);
        var set = Set(endpoints, out var ledger);
        ledger.Fail(endpoints[1], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(3));
        ledger.Fail(endpoints[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30) + TimeSpan.FromSeconds(1.9));
        var patience = (long)(5 * _time.TimestampFrequency);

        Assert.That(set.Pick(_random, [], _time.GetTimestamp(), _time.GetTimestamp() - patience).IsProbe, Is.False, "4.9 s after the first was due");
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.That(set.Pick(_random, [], _time.GetTimestamp(), _time.GetTimestamp() - patience), Is.EqualTo(new Pick(endpoints[1], IsProbe: true)));
        Assert.That(set.Pick(_random, [], _time.GetTimestamp(), _time.GetTimestamp() - patience).IsProbe, Is.False, "the other has not waited long enough");
    }

    [Test]
    public void Pick_AnyPolicy_AllocatesNothing(
        [Values("LeastRequest", "PeakEwma", "RoundRobin", "Random", "RingHash", "Maglev")] string policy,
        [Values] bool weighted,
        [Values] bool ejected)
    {
        var endpoints = weighted ? Replicas.Weighing([.. Enumerable.Range(1, 50)]) : Replicas.Create(50);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var set = new EndpointSet(endpoints, "https", ledger, Replicas.Balancing(policy, _random));
        if (ejected)
        {
            Fail(ledger, endpoints.AsSpan(0, 20));
        }

        Endpoint[] tried = [endpoints[30], endpoints[31]];
        set.Pick(Random.Shared, tried, 0, 0, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            set.Pick(Random.Shared, tried, i, 0, (ulong)i);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    // An application's own policy may be wrong about everything.
    [TestCase(-1)]
    [TestCase(3)]
    [TestCase(int.MinValue)]
    public void Pick_PolicyNamesNoEndpoint_LooksAtEveryOne(int index)
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var set = new EndpointSet(endpoints, "https", ledger, new BalancingPolicy(new FixedPolicy(index), _random));
        ledger.Fail(endpoints[0], _time, Policy);

        var picked = Enumerable.Range(0, 200).Select(_ => Pick(set, [endpoints[1]]).Endpoint).ToHashSet();

        Assert.That(picked, Is.EquivalentTo([endpoints[2]]));
    }

    private void Fail(EjectionLedger ledger, params ReadOnlySpan<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            ledger.Fail(endpoint, _time, Policy);
        }
    }

    private HashSet<Endpoint?> Picked(EndpointSet set) => [.. Enumerable.Range(0, 500).Select(_ => Pick(set, []).Endpoint)];

    private EndpointSet Set(Endpoint[] endpoints, out EjectionLedger ledger)
    {
        ledger = Replicas.LedgerOf(_time, endpoints);
        return new EndpointSet(endpoints, "https", ledger, Balancing);
    }

    private Pick Pick(EndpointSet set, ReadOnlySpan<Endpoint> tried) => set.Pick(_random, tried, _time.GetTimestamp(), _time.GetTimestamp());

    private sealed class FixedPolicy(int index) : ILoadBalancingPolicy
    {
        public string Name => "Fixed";

        public LoadBalancer Create(IReadOnlyList<IMeshEndpoint> endpoints, Random random) => new Balancer(index);

        private sealed class Balancer(int index) : LoadBalancer
        {
            public override int Pick(in PickContext context) => index;
        }
    }
}
