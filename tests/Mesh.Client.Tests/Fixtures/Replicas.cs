using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Outcomes;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>Endpoints without connections, for tests of whatever chooses among them.</summary>
internal static class Replicas
{
    public static Endpoint[] Create(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => new Endpoint(
            new EndpointAddress("10.0.0.1", 5000 + i), "https", static _ => throw new InvalidOperationException("No connections here.")))];

    public static EjectionLedger LedgerOf(TimeProvider time, Endpoint[] endpoints)
    {
        var ledger = new EjectionLedger(time);
        ledger.Reset(endpoints);
        return ledger;
    }

    /// <summary>Fails calls to an endpoint until it is ejected, or the ledger has no room.</summary>
    public static HealthChange Fail(this EjectionLedger ledger, Endpoint endpoint, TimeProvider time, EjectionPolicy policy)
    {
        var change = HealthChange.None;
        for (var i = 0; i < policy.ConsecutiveFailures && change == HealthChange.None; i++)
        {
            change = ledger.Record(endpoint, CallOutcome.Failure, probe: false, time.GetTimestamp(), policy);
        }

        return change;
    }
}
