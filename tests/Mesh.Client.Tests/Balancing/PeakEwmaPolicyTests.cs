using Mesh.Client.Balancing;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public sealed class PeakEwmaPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Random _random = new(1);

    [Test]
    public void Pick_OneWasSlow_AvoidsItUntilItsCostHasDecayed()
    {
        var endpoints = Measured(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        End(endpoints[1], CallOutcome.Success, TimeSpan.FromSeconds(2));
        Assert.That(Picks(endpoints), Is.EqualTo([500, 0]));

        // The other stays measured; ln(200) time constants make 10 ms of 2 s.
        _time.Advance(TimeSpan.FromSeconds(60));
        End(endpoints[0], CallOutcome.Success, TimeSpan.FromMilliseconds(10));
        Assert.That(Picks(endpoints), Is.EqualTo([0, 500]));
    }

    [Test]
    public void Pick_OneFailsFast_AvoidsIt()
    {
        var endpoints = Measured(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        End(endpoints[0], CallOutcome.Failure, TimeSpan.FromMicroseconds(100));

        Assert.That(Picks(endpoints), Is.EqualTo([0, 500]));
    }

    [Test]
    public void Pick_SameLatency_TakesTheOneWithFewerInFlight()
    {
        var endpoints = Measured(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));
        endpoints[0].Begin();

        Assert.That(Picks(endpoints), Is.EqualTo([0, 500]));
    }

    [Test]
    public void Pick_FasterOneIsBusier_WeighsLatencyByRequestsInFlight()
    {
        var endpoints = Measured(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(25));
        LoadBalancerTests.Begin(endpoints[0], 1);
        Assert.That(Picks(endpoints), Is.EqualTo([500, 0]), "10 × 2 is less than 25");
        LoadBalancerTests.Begin(endpoints[0], 1);
        Assert.That(Picks(endpoints), Is.EqualTo([0, 500]), "10 × 3 is more than 25");
    }

    [Test]
    public void Pick_NeverMeasured_GetsOneRequestAndNoMoreUntilItAnswers()
    {
        var endpoints = Measured(TimeSpan.FromMilliseconds(10), TimeSpan.Zero);
        Assert.That(Picks(endpoints), Is.EqualTo([0, 500]), "idle and unknown costs nothing");

        endpoints[1].Begin();
        LoadBalancerTests.Begin(endpoints[0], 1000);
        Assert.That(Picks(endpoints), Is.EqualTo([500, 0]), "unknown with a request in flight costs more than anything measured");
    }

    private Endpoint[] Measured(params TimeSpan[] latencies)
    {
        var endpoints = Replicas.Create(latencies.Length, _time);
        foreach (var (index, latency) in latencies.Index())
        {
            if (latency > TimeSpan.Zero)
            {
                End(endpoints[index], CallOutcome.Success, latency);
            }
        }

        return endpoints;
    }

    private void End(Endpoint endpoint, CallOutcome outcome, TimeSpan elapsed)
    {
        endpoint.Begin();
        endpoint.End(outcome, elapsed, _time.GetTimestamp());
    }

    private int[] Picks(Endpoint[] endpoints)
    {
        var balancer = Replicas.Balancer(LoadBalancingPolicies.PeakEwma, endpoints, _random);
        var counts = new int[endpoints.Length];
        for (var i = 0; i < 500; i++)
        {
            counts[balancer.Pick(new PickContext([], _random, _time.GetTimestamp(), null, ignoreHealth: false))]++;
        }

        return counts;
    }
}
