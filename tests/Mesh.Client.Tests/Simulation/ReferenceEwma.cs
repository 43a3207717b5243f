using Mesh.Outcomes;

namespace Mesh.Client.Tests.Simulation;

/// <summary>Peak EWMA as it is in the literature, in doubles and without tricks: what the mesh's own must equal.</summary>
internal sealed class ReferenceEwma
{
    private const double DecaySeconds = 10;
    private const double PenaltySeconds = 5;

    private double _cost;
    private long _at;

    public void Observe(CallOutcome outcome, TimeSpan elapsed, long now)
    {
        var seconds = elapsed.TotalSeconds;
        var peakOnly = outcome == CallOutcome.CancelledByCaller;
        if (outcome is not (CallOutcome.Success or CallOutcome.CancelledByCaller))
        {
            seconds = Math.Max(seconds, PenaltySeconds);
        }

        var current = _cost * Weight(now);
        if (seconds > (peakOnly ? current : _cost))
        {
            (_cost, _at) = (seconds, now);
        }
        else if (!peakOnly)
        {
            (_cost, _at) = (current + (seconds * (1 - Weight(now))), now);
        }
    }

    /// <summary>The average in seconds. Reading it is an observation of zero and is kept, as in Finagle.</summary>
    public double Read(long now)
    {
        (_cost, _at) = (_cost * Weight(now), now);
        return _cost;
    }

    private double Weight(long now) => Math.Exp(-(now - _at) / (DecaySeconds * TimeSpan.TicksPerSecond));
}
