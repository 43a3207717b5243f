using CsCheck;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Ejection;

public sealed class EjectionLedgerTests
{
    private static readonly EjectionPolicy Policy = new(5, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(100), 50);

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Record_FailuresInARow_EjectAtTheThreshold()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        for (var i = 0; i < 4; i++)
        {
            Assert.That(Record(CallOutcome.Failure), Is.EqualTo(HealthChange.None));
        }

        Record(CallOutcome.Success);
        for (var i = 0; i < 4; i++)
        {
            Assert.That(Record(i % 2 == 0 ? CallOutcome.Failure : CallOutcome.NotSent), Is.EqualTo(HealthChange.None), "a success starts the count anew");
        }

        Assert.That(Record(CallOutcome.CancelledByCaller), Is.EqualTo(HealthChange.None));
        Assert.That(Record(CallOutcome.Failure), Is.EqualTo(HealthChange.Ejected), "a cancellation neither counts nor resets");
        Assert.That(endpoints[0].Health.Condition, Is.EqualTo(EndpointCondition.Ejected));
        Assert.That(ledger.Ejected, Is.EqualTo(1));

        HealthChange Record(CallOutcome outcome) => ledger.Record(endpoints[0], outcome, probe: false, _time.GetTimestamp(), Policy);
    }

    [Test]
    public void Record_Overload_IsASignOfLife()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        for (var i = 0; i < 100; i++)
        {
            var outcome = i % 5 == 4 ? CallOutcome.Overload : CallOutcome.Failure;
            Assert.That(ledger.Record(endpoints[0], outcome, probe: false, _time.GetTimestamp(), Policy), Is.EqualTo(HealthChange.None));
        }
    }

    [Test]
    public void Record_ThresholdZero_NeverEjects()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        for (var i = 0; i < 100; i++)
        {
            ledger.Record(endpoints[0], CallOutcome.Failure, probe: false, _time.GetTimestamp(), Policy with { ConsecutiveFailures = 0 });
        }

        Assert.That(ledger.Ejected, Is.Zero);
    }

    [Test]
    public void Record_ProbeFailsAgainAndAgain_EjectsForLongerUpToTheCap()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.Fail(endpoints[0], _time, Policy);
        foreach (var seconds in new[] { 30, 60, 90, 100, 100 })
        {
            var left = _time.GetElapsedTime(_time.GetTimestamp(), endpoints[0].Health.Until);
            Assert.That(left, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

            _time.Advance(left - TimeSpan.FromMilliseconds(1));
            Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.Null);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.That(ledger.IsProbeDue(_time.GetTimestamp()), Is.True);
            Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.SameAs(endpoints[0]));
            Assert.That(ledger.IsProbeDue(_time.GetTimestamp()), Is.False);
            Assert.That(
                ledger.Record(endpoints[0], CallOutcome.NotSent, probe: true, _time.GetTimestamp(), Policy),
                Is.EqualTo(HealthChange.Ejected));
        }
    }

    [Test]
    public void Record_ProbeSucceeds_RestoresWithACleanCount()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.Fail(endpoints[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30));
        ledger.ClaimProbe(_time.GetTimestamp());

        Assert.That(ledger.Record(endpoints[0], CallOutcome.Overload, probe: true, _time.GetTimestamp(), Policy), Is.EqualTo(HealthChange.Restored));
        Assert.That(endpoints[0].Health.IsHealthy, Is.True);
        Assert.That(ledger.Ejected, Is.Zero);
        Assert.That(ledger.Record(endpoints[0], CallOutcome.Failure, probe: false, _time.GetTimestamp(), Policy), Is.EqualTo(HealthChange.None));
    }

    [Test]
    public void Record_ProbeCancelled_LeavesTheProbeToTheNext()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.Fail(endpoints[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30));
        ledger.ClaimProbe(_time.GetTimestamp());

        Assert.That(ledger.Record(endpoints[0], CallOutcome.CancelledByCaller, probe: true, _time.GetTimestamp(), Policy), Is.EqualTo(HealthChange.None));
        Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.SameAs(endpoints[0]));
        Assert.That(endpoints[0].Health.TimesEjected, Is.EqualTo(1));
    }

    [Test]
    public void Sweep_IntervalsInRotation_ForgiveOneEjectionEach()
    {
        var endpoints = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        ledger.Fail(endpoints[0], _time, Policy);
        FailProbe();
        FailProbe();
        _time.Advance(TimeSpan.FromMinutes(5));
        ledger.ClaimProbe(_time.GetTimestamp());
        ledger.Record(endpoints[0], CallOutcome.Success, probe: true, _time.GetTimestamp(), Policy);

        for (var i = 0; i < 3; i++)
        {
            // It returned within the first.
            _time.Advance(TimeSpan.FromSeconds(10));
            ledger.Sweep(_time.GetTimestamp(), Policy);
        }

        ledger.Fail(endpoints[0], _time, Policy);

        Assert.That(endpoints[0].Health.TimesEjected, Is.EqualTo(2), "three, less two whole intervals, and one more");

        void FailProbe()
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            ledger.ClaimProbe(_time.GetTimestamp());
            ledger.Record(endpoints[0], CallOutcome.Failure, probe: true, _time.GetTimestamp(), Policy);
        }
    }

    [TestCase(1, 50, 0)]
    [TestCase(2, 50, 1)]
    [TestCase(2, 100, 1)]
    [TestCase(3, 10, 1)]
    [TestCase(3, 50, 1)]
    [TestCase(4, 50, 2)]
    [TestCase(10, 100, 9)]
    [TestCase(10, 0, 0)]
    public void Record_AllFail_EjectsTheShareAndNeverTheLast(int count, int percent, int ejected)
    {
        var endpoints = Replicas.Create(count);
        var ledger = Replicas.LedgerOf(_time, endpoints);
        foreach (var endpoint in endpoints)
        {
            ledger.Fail(endpoint, _time, Policy with { MaxPercent = percent });
        }

        Assert.That(ledger.Ejected, Is.EqualTo(ejected));
        Assert.That(endpoints.Count(static endpoint => !endpoint.Health.IsHealthy), Is.EqualTo(ejected));
    }

    [Test]
    public void Record_FromManyThreads_StaysWithinTheShare()
    {
        for (var round = 0; round < 50; round++)
        {
            var endpoints = Replicas.Create(10);
            var ledger = Replicas.LedgerOf(_time, endpoints);
            Parallel.ForEach(endpoints, endpoint => ledger.Fail(endpoint, _time, Policy));
            Assert.That(endpoints.Count(static endpoint => !endpoint.Health.IsHealthy), Is.EqualTo(5));
        }
    }

    [Test]
    public void Record_AttemptFromBeforeARefresh_KeepsTheProbesOfNewEndpoints()
    {
        var all = Replicas.Create(4);
        var ledger = Replicas.LedgerOf(_time, all[..2]);
        ledger.Fail(all[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30));
        ledger.ClaimProbe(_time.GetTimestamp());
        ledger.Reset(all[2..], Replicas.Unlimited);
        ledger.Fail(all[2], _time, Policy);

        ledger.Record(all[0], CallOutcome.Success, probe: true, _time.GetTimestamp(), Policy);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.That(ledger.Ejected, Is.EqualTo(1));
        Assert.That(ledger.ClaimProbe(_time.GetTimestamp()), Is.SameAs(all[2]));
    }

    [Test]
    public void Record_EndpointDiscoveryHasDropped_IsNotEjected()
    {
        var all = Replicas.Create(3);
        var ledger = Replicas.LedgerOf(_time, all);
        ledger.Reset(all[1..], Replicas.Unlimited);

        Assert.That(ledger.Fail(all[0], _time, Policy), Is.EqualTo(HealthChange.None));
    }

    [Test]
    public void Reset_EjectedEndpointLeavesAndReturns_IsCountedAgain()
    {
        var all = Replicas.Create(4);
        var ledger = Replicas.LedgerOf(_time, all);
        ledger.Fail(all[0], _time, Policy);

        ledger.Reset(all[1..], Replicas.Unlimited);
        Assert.That(ledger.Ejected, Is.Zero);
        Assert.That(ledger.Fail(all[1], _time, Policy), Is.EqualTo(HealthChange.Ejected), "its place is free");

        ledger.Reset(all, Replicas.Unlimited);
        Assert.That(ledger.Ejected, Is.EqualTo(2));
        Assert.That(ledger.Fail(all[2], _time, Policy), Is.EqualTo(HealthChange.None), "half are out");
    }

    [Test]
    public void Reset_FewerEndpoints_ThoseDueFirstReturnUntilTheShareIsKept()
    {
        var all = Replicas.Create(10);
        var ledger = Replicas.LedgerOf(_time, all);
        for (var i = 0; i < 5; i++)
        {
            ledger.Fail(all[i], _time, Policy);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        ledger.Reset(all[..6], Policy);
        Assert.That(all.Select(static endpoint => endpoint.Health.IsHealthy).Take(6), Is.EqualTo([true, true, false, false, false, true]));

        ledger.Reset(all[2..3], Policy);
        Assert.That(ledger.Ejected, Is.Zero, "never the only one");
    }

    [Test]
    public void Reset_StricterPolicy_HoldsForCallsThatBeganBeforeIt()
    {
        var all = Replicas.Create(10);
        var ledger = Replicas.LedgerOf(_time, all);
        ledger.Fail(all[0], _time, Policy);
        ledger.Fail(all[1], _time, Policy);

        ledger.Reset(all, Policy with { MaxPercent = 10 });
        ledger.Fail(all[2], _time, Policy);

        Assert.That(ledger.Ejected, Is.EqualTo(1));
    }

    [Test]
    public void Record_ProbeOfAnEndpointThatIsBackInRotation_ChangesNothing()
    {
        var all = Replicas.Create(2);
        var ledger = Replicas.LedgerOf(_time, all);
        ledger.Fail(all[0], _time, Policy);
        _time.Advance(TimeSpan.FromSeconds(30));
        ledger.ClaimProbe(_time.GetTimestamp());

        ledger.Reset(all[..1], Policy);
        Assert.That(ledger.Record(all[0], CallOutcome.Failure, probe: true, _time.GetTimestamp(), Policy), Is.EqualTo(HealthChange.None));
        Assert.That(all[0].Health.IsHealthy, Is.True);
    }

    [Test]
    public void Duration_OfAnyEjection_GrowsLinearlyUpToTheCap() =>
        Gen.Select(Gen.Int[1, 3600], Gen.Int[1, 3600], Gen.Int[1, 1000]).Sample((baseSeconds, maxSeconds, times) =>
        {
            var policy = EjectionPolicy.Compile(
                new EjectionOptions { BaseTime = TimeSpan.FromSeconds(baseSeconds), MaxTime = TimeSpan.FromSeconds(maxSeconds) },
                new EjectionOptions());
            return policy.Duration(times) == TimeSpan.FromSeconds(Math.Min((long)baseSeconds * times, Math.Max(baseSeconds, maxSeconds)));
        });
}
