using System.Net;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Ejection;

public sealed class OutlierSweepTests
{
    private static readonly EjectionPolicy Policy = new(0, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(100), 50);

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Sweep_LowSuccessRate_EjectsTheWorstWithinTheShare()
    {
        var endpoints = Replicas.Create(4);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var policy = Policy with { FailurePercentage = new FailurePercentagePolicy(50, 1, 10), MaxPercent = 50 };
        for (var i = 0; i < 10; i++)
        {
            ledger.Record(endpoints[0], i < 6 ? CallOutcome.Failure : CallOutcome.Success, probe: false, _time.GetTimestamp(), policy);
            ledger.Record(endpoints[1], i < 8 ? CallOutcome.Failure : CallOutcome.Success, probe: false, _time.GetTimestamp(), policy);
            ledger.Record(endpoints[2], CallOutcome.Failure, probe: false, _time.GetTimestamp(), policy);
            ledger.Record(endpoints[3], CallOutcome.Success, probe: false, _time.GetTimestamp(), policy);
        }

        var ejected = ledger.Sweep(_time.GetTimestamp(), policy);

        Assert.That(ejected, Is.EqualTo([endpoints[2], endpoints[1]]));
        Assert.That(endpoints[2].Health.Reason, Is.EqualTo(EjectionReason.FailurePercentage));
        Assert.That(ledger.Ejected, Is.EqualTo(2));
        Assert.That(ledger.Sweep(_time.GetTimestamp(), policy), Is.Empty, "an interval without requests says nothing");
    }

    [Test]
    public void Sweep_SlowEndpoint_IsEjected()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var policy = Policy with { Latency = new LatencyOutlierPolicy(0.9, 3, TimeSpan.FromMilliseconds(50), 3, 50) };
        ledger.Sweep(_time.GetTimestamp(), policy);
        for (var i = 0; i < 50; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                ledger.Record(endpoints[j], new AttemptReport(CallOutcome.Success, default, TimeSpan.FromMilliseconds(j == 1 ? 400 : 100), IsProbe: false, _time.GetTimestamp()), policy);
            }
        }

        Assert.That(ledger.Sweep(_time.GetTimestamp(), policy), Is.EqualTo([endpoints[1]]));
        Assert.That(endpoints[1].Health.Reason, Is.EqualTo(EjectionReason.Latency));
    }

    [Test]
    public void Record_GatewayFailuresInARow_EjectAtTheirOwnThreshold()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var policy = Policy with { ConsecutiveFailures = 5, ConsecutiveGatewayFailures = 3 };

        Assert.That(Fail(FailureOrigin.Gateway, FailureOrigin.Local, FailureOrigin.Answer, FailureOrigin.Gateway), Is.EqualTo(HealthChange.None), "a 500 starts the count anew");
        Assert.That(Fail(FailureOrigin.Answer), Is.EqualTo(HealthChange.Ejected));
        Assert.That(endpoints[0].Health.Reason, Is.EqualTo(EjectionReason.ConsecutiveFailures));

        HealthChange Fail(params FailureOrigin[] origins) => FailAt(ledger, endpoints[0], policy, origins);
    }

    [Test]
    public void Record_LocalFailuresSplit_DoNotTouchTheOthers()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var policy = Policy with { ConsecutiveFailures = 3, ConsecutiveLocalFailures = 2 };

        Assert.That(FailAt(ledger, endpoints[0], policy, FailureOrigin.Answer, FailureOrigin.Answer, FailureOrigin.Local), Is.EqualTo(HealthChange.None));
        Assert.That(FailAt(ledger, endpoints[0], policy, FailureOrigin.Local), Is.EqualTo(HealthChange.Ejected));
        Assert.That(endpoints[0].Health.Reason, Is.EqualTo(EjectionReason.ConsecutiveLocalFailures));
    }

    [Test]
    public void Record_WithJitter_EjectsForALittleLonger()
    {
        var policy = Policy with { ConsecutiveFailures = 1, MaxJitter = TimeSpan.FromSeconds(10), MaxPercent = 100 };
        var endpoints = Replicas.Create(50);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        foreach (var endpoint in endpoints)
        {
            ledger.Fail(endpoint, _time, policy);
        }

        var times = endpoints[..49].Select(endpoint => _time.GetElapsedTime(_time.GetTimestamp(), endpoint.Health.Until).TotalSeconds).ToArray();
        Assert.That(times, Is.All.InRange(30, 40));
        Assert.That(times.Max() - times.Min(), Is.GreaterThan(5));
    }

    [Test]
    public void Record_EveryDetectorOn_AllocatesNothing()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        var policy = Policy with
        {
            ConsecutiveFailures = 5,
            ConsecutiveGatewayFailures = 5,
            ConsecutiveLocalFailures = 5,
            SuccessRate = new SuccessRatePolicy(1900, 2, 1),
            FailurePercentage = new FailurePercentagePolicy(85, 2, 1),
            Latency = new LatencyOutlierPolicy(0.9, 3, TimeSpan.Zero, 2, 1),
        };
        ledger.Sweep(_time.GetTimestamp(), policy);
        Record();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Record();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Record()
        {
            ledger.Record(endpoints[0], new AttemptReport(CallOutcome.Failure, FailureOrigin.Gateway, TimeSpan.FromMilliseconds(3), IsProbe: false, 0), policy);
            ledger.Record(endpoints[0], new AttemptReport(CallOutcome.Success, default, TimeSpan.FromMilliseconds(3), IsProbe: false, 0), policy);
        }
    }

    [TestCase(HttpStatusCode.InternalServerError, null, FailureOrigin.Answer)]
    [TestCase(HttpStatusCode.ServiceUnavailable, null, FailureOrigin.Gateway)]
    [TestCase(HttpStatusCode.OK, "14", FailureOrigin.Gateway)]
    [TestCase(HttpStatusCode.OK, "13", FailureOrigin.Answer)]
    public void Of_Answer_IsWhatItBlames(HttpStatusCode status, string? grpcStatus, object origin)
    {
        using var response = Given.Response(status);
        if (grpcStatus is not null)
        {
            response.Headers.Add("grpc-status", grpcStatus);
        }

        Assert.That(FailureOrigins.Of(response), Is.EqualTo(origin));
        Assert.That(FailureOrigins.Of(null), Is.EqualTo(FailureOrigin.Local));
    }

    [Test]
    public async Task Call_OneEndpointFailsOften_IsEjectedAtTheEndOfTheInterval()
    {
        using var stub = new StubHandler(static seen => Given.Response(seen.Uri.Port == 2 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        await using var host = new ClientHost(
            Given.Orders("""{ "LoadBalancing": { "Policy": "RoundRobin" }, "Retry": { "Attempts": 0 }, "Ejection": { "ConsecutiveFailures": 0, "Interval": "5s", "SuccessRate": { "Enabled": true, "MinEndpoints": 3, "MinRequests": 10, "StdevFactor": 1000 } } }"""),
            stub,
            _time);
        using var client = host.CreateClient();
        await CallAsync(60);
        Assert.That(Conditions(), Is.All.EqualTo(EndpointCondition.Healthy));

        _time.Advance(TimeSpan.FromSeconds(5.1));

        await Eventually.UntilAsync(() => Conditions().SequenceEqual([EndpointCondition.Healthy, EndpointCondition.Ejected, EndpointCondition.Healthy]));
        Assert.That(host.State.GetServices()[0].Endpoints[1].Reason, Is.EqualTo(EjectionReason.SuccessRate));

        host.Configuration.Replace(Given.Orders("""{ "Ejection": { "MaxTime": "1h" } }"""));
        Assert.That(Conditions()[1], Is.EqualTo(EndpointCondition.Ejected), "state survives a reload");

        EndpointCondition[] Conditions() => [.. host.State.GetServices()[0].Endpoints.Select(static endpoint => endpoint.Condition)];

        async Task CallAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var response = await client.GetAsync(new Uri("https://orders/"));
            }
        }
    }

    private HealthChange FailAt(EjectionLedger ledger, Client.Endpoints.Endpoint endpoint, EjectionPolicy policy, params FailureOrigin[] origins)
    {
        var change = HealthChange.None;
        foreach (var origin in origins)
        {
            change = ledger.Record(endpoint, new AttemptReport(CallOutcome.Failure, origin, TimeSpan.Zero, IsProbe: false, _time.GetTimestamp()), policy);
        }

        return change;
    }
}
