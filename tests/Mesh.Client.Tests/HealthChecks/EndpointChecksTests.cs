using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.HealthChecks;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.HealthChecks;

public sealed class EndpointChecksTests
{
    private static readonly HealthCheckPolicy Policy =
        HealthCheckPolicy.Compile(new HealthCheckOptions { Enabled = true, HealthyThreshold = 2, UnhealthyThreshold = 3 }, new HealthCheckOptions())!;

    private readonly FakeTimeProvider _time = new();

    [TestCase("f", "F")]
    [TestCase("p", "P")]
    [TestCase("pff", "P..")]
    [TestCase("pfff", "P..F")]
    [TestCase("pffpff", "P..... ")]
    [TestCase("fp", "F.")]
    [TestCase("fpp", "F.P")]
    [TestCase("fpfp", "F...")]
    public void Record_InARow_SaysSomethingAtTheThreshold(string results, string expected)
    {
        var checks = new EndpointChecks();
        var said = results.Select(result => checks.Record(new CheckResult(result == 'p' ? null : "status 503", 0), Policy, next: 0) switch
        {
            true => 'P',
            false => 'F',
            _ => '.',
        }).ToArray();

        // A verdict that is repeated is no news to the ledger.
        Assert.That(new string(said)[..expected.TrimEnd().Length], Is.EqualTo(expected.TrimEnd()));
    }

    [Test]
    public void Judge_FailsChecks_LeavesRotationBesideEjection()
    {
        var endpoints = Replicas.Create(4);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.UseChecks(true, endpoints);
        ledger.Fail(endpoints[0], _time, Replicas.Unlimited);

        Assert.That(ledger.Judge(endpoints[0], fails: true), Is.True);
        Assert.That(ledger.Judge(endpoints[1], fails: true), Is.True);
        Assert.That(ledger.Judge(endpoints[1], fails: true), Is.False, "no news");
        Assert.That(endpoints.Select(static endpoint => endpoint.IsUsable), Is.EqualTo([false, false, true, true]));
        Assert.That(ledger.Ejected, Is.EqualTo(1), "health checks have no share of ejections");

        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(ledger.IsProbeDue(_time.GetTimestamp()), Is.False, "no request is risked on an endpoint that says itself it is ill");
        Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.Null);

        ledger.Judge(endpoints[0], fails: false);
        Assert.That(endpoints[0].IsUsable, Is.False, "still ejected");
        Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.SameAs(endpoints[0]));
        ledger.Record(endpoints[0], CallOutcome.Success, probe: true, _time.GetTimestamp(), Replicas.Unlimited);
        Assert.That(endpoints[0].IsUsable, Is.True);
    }

    [Test]
    public void Judge_HalfEjectedAndHalfFailing_IsPanic()
    {
        var endpoints = Replicas.Create(10);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.UseChecks(true, endpoints);
        var set = new EndpointSet(endpoints, "https", ledger, Replicas.Balancing("RoundRobin", new Random(1)));
        foreach (var endpoint in endpoints[..3])
        {
            ledger.Fail(endpoint, _time, Replicas.Unlimited);
        }

        foreach (var endpoint in endpoints[3..5])
        {
            ledger.Judge(endpoint, fails: true);
        }

        Assert.That(PickAll(), Is.EquivalentTo(endpoints[5..]), "half are left");
        ledger.Judge(endpoints[5], fails: true);
        Assert.That(PickAll(), Is.EquivalentTo(endpoints), "fewer than half: health is not asked any more");

        IEnumerable<Endpoint> PickAll()
        {
            var random = new Random(1);
            return Enumerable.Range(0, 500).Select(_ => set.Pick(random, [], _time.GetTimestamp(), _time.GetTimestamp()).Endpoint!).Distinct();
        }
    }

    [Test]
    public void UseChecks_SwitchedOff_ForgetsThem()
    {
        var endpoints = Replicas.Create(2);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.UseChecks(true, endpoints);
        endpoints[0].Checks = new EndpointChecks();
        ledger.Judge(endpoints[0], fails: true);

        ledger.UseChecks(false, endpoints);

        Assert.That(endpoints[0].IsUsable, Is.True);
        Assert.That(endpoints[0].Checks, Is.Null);
        Assert.That(ledger.Judge(endpoints[0], fails: true), Is.False, "one that was under way comes too late");
    }
}
