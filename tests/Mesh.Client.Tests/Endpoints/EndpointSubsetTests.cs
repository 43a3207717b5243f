using Mesh.Client.Balancing;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Endpoints;

public sealed class EndpointSubsetTests
{
    private static readonly EjectionPolicy Policy = new(1, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 100);

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Subset_Labels_HoldsThoseThatHaveAllOfThem()
    {
        var set = Set(out var endpoints, out _);
        Assert.That(set.Subset(Labels("version", "v2")).All, Is.EqualTo(endpoints[2..]));
        Assert.That(set.Subset(new Dictionary<string, string> { ["version"] = "v2", ["tier"] = "gold" }).All, Is.EqualTo(endpoints[3..]));
    }

    [Test]
    public void Subset_NobodyHasTheLabel_HasNoEndpoint()
    {
        var subset = Set(out _, out _).Subset(Labels("version", "v9"));
        Assert.That(subset.Pick(Random.Shared, [], 0, 0).Endpoint, Is.Null);
    }

    [Test]
    public void Subset_NoLabels_IsTheSetItself()
    {
        var set = Set(out _, out _);
        Assert.That(set.Subset(new Dictionary<string, string>()), Is.SameAs(set));
    }

    [Test]
    public void Subset_SameLabelsAgain_IsTheSameSet()
    {
        var set = Set(out _, out _);
        var labels = Labels("version", "v2");
        var subset = set.Subset(labels);

        Assert.That(set.Subset(labels), Is.SameAs(subset));
        Assert.That(set.Subset(Labels("version", "v2")), Is.SameAs(subset), "as after a reload of the rules");
        Assert.That(set.Subset(Labels("version", "v1")), Is.Not.SameAs(subset));
    }

    [Test]
    public void Subset_ThousandsOfOtherLabels_AreNotAllKept()
    {
        var set = Set(out _, out _);
        var first = new WeakReference(null);
        Create();
        for (var i = 0; i < 1000; i++)
        {
            set.Subset(Labels("version", $"v{i + 10}"));
        }

        GC.Collect();
        Assert.That(first.IsAlive, Is.False);
        GC.KeepAlive(set);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Create() => first.Target = set.Subset(Labels("version", "v2"));
    }

    [Test]
    public void Subset_KnownLabels_AllocatesNothing()
    {
        var set = Set(out _, out _);
        var labels = Labels("version", "v2");
        set.Subset(labels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            set.Subset(labels);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Pick_OfASubset_NeverLeavesItEvenWhenItIsOut()
    {
        var set = Set(out var endpoints, out var ledger);
        ledger.Fail(endpoints[2], _time, Policy);
        ledger.Fail(endpoints[3], _time, Policy);
        var subset = set.Subset(Labels("version", "v2"));
        for (var i = 0; i < 200; i++)
        {
            Assert.That(endpoints[2..], Has.Member(subset.Pick(Random.Shared, [], _time.GetTimestamp(), _time.GetTimestamp()).Endpoint));
        }
    }

    [Test]
    public void Pick_ProbeDueOutsideTheSubset_IsLeftToOthers()
    {
        var set = Set(out var endpoints, out var ledger);
        ledger.Fail(endpoints[0], _time, Policy);
        ledger.Fail(endpoints[2], _time, Policy);
        _time.Advance(TimeSpan.FromMinutes(1));
        var now = _time.GetTimestamp();

        Assert.That(set.Subset(Labels("version", "v2")).Pick(Random.Shared, [], now, now), Is.EqualTo(new Pick(endpoints[2], IsProbe: true)));
        Assert.That(set.Subset(Labels("version", "v2")).Pick(Random.Shared, [], now, now).IsProbe, Is.False);
        Assert.That(set.Subset(Labels("version", "v1")).Pick(Random.Shared, [], now, now), Is.EqualTo(new Pick(endpoints[0], IsProbe: true)));
    }

    private EndpointSet Set(out Endpoint[] endpoints, out EjectionLedger ledger)
    {
        var v2 = new EndpointMetadata { Version = "v2" };
        endpoints = Replicas.With(EndpointMetadata.Default with { Version = "v1" }, EndpointMetadata.Default with { Version = "v1" }, v2, v2 with { Labels = Labels("tier", "gold") });
        ledger = Replicas.LedgerOf(_time, endpoints);
        return new EndpointSet(endpoints, "https", ledger, Replicas.Balancing(LoadBalancingPolicies.LeastRequest, new Random(1)));
    }

    private static Dictionary<string, string> Labels(string name, string value) => new() { [name] = value };
}
