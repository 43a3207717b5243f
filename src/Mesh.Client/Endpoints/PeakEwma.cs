using Mesh.Outcomes;

namespace Mesh.Client.Endpoints;

/// <summary>
/// The peak-sensitive moving average of an endpoint's latency, as in Finagle's and Linkerd's peak EWMA: it jumps up to
/// a slower answer at once and comes down with a time constant of ten seconds.
/// </summary>
/// <remarks>
/// Average and time stamp share one word, so that an observation is one compare-and-swap: the average as a float of
/// nanoseconds, the stamp in units of 2⁻¹⁴ s (61 µs), which wraps after three days. Mutable, hence a field and never a copy.
/// </remarks>
internal struct PeakEwma(long frequency)
{
    /// <summary>What an endpoint costs that has a request in flight and was never measured: Finagle's <c>Long.MaxValue >> 16</c>.</summary>
    public const double Unmeasured = long.MaxValue >> 16;

    private const int UnitsPerSecond = 1 << 14;
    private const double DecaySeconds = 10;

    // A failure is often the fastest answer there is; counted with its own latency it would attract calls. Linkerd's figure.
    private const double FailurePenalty = 5e9;

    private readonly long _ticksPerUnit = Math.Max(1, frequency / UnitsPerSecond);
    private readonly double _decayUnits = DecaySeconds * frequency / Math.Max(1, frequency / UnitsPerSecond);
    private long _state;

    /// <summary>Takes in what became of an attempt.</summary>
    public void Observe(CallOutcome outcome, TimeSpan elapsed, long now)
    {
        var nanoseconds = elapsed.TotalNanoseconds;
        switch (outcome)
        {
            case CallOutcome.Success:
                Observe(nanoseconds, now, peakOnly: false);
                break;
            case CallOutcome.CancelledByCaller:
                // It would have taken longer than this: news if that is much, nothing learnt if it is little.
                Observe(nanoseconds, now, peakOnly: true);
                break;
            default:
                Observe(Math.Max(nanoseconds, FailurePenalty), now, peakOnly: false);
                break;
        }
    }

    /// <summary>The average in nanoseconds, decayed to this moment. Decaying is an observation of zero and is kept, as in Finagle.</summary>
    public double Read(long now)
    {
        var seen = Volatile.Read(ref _state);
        var cost = CostOf(seen);
        var unit = UnitOf(now);
        var passed = (int)(unit - StampOf(seen));
        if (passed <= 0 || cost == 0)
        {
            return cost;
        }

        var decayed = (float)(cost * Math.Exp(-passed / _decayUnits));

        // Losing the race means that somebody else has just brought it up to date.
        Interlocked.CompareExchange(ref _state, Pack(decayed, unit), seen);
        return decayed;
    }

    private void Observe(double nanoseconds, long now, bool peakOnly)
    {
        var unit = UnitOf(now);
        var seen = Volatile.Read(ref _state);
        while (true)
        {
            var cost = CostOf(seen);
            var passed = Math.Max(0, (int)(unit - StampOf(seen)));
            double next;
            if (nanoseconds > cost)
            {
                next = nanoseconds;
            }
            else
            {
                var weight = Math.Exp(-passed / _decayUnits);
                if (peakOnly && nanoseconds <= cost * weight)
                {
                    return;
                }

                next = peakOnly ? nanoseconds : (cost * weight) + (nanoseconds * (1 - weight));
            }

            var found = Interlocked.CompareExchange(ref _state, Pack((float)next, StampOf(seen) + (uint)passed), seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    private readonly uint UnitOf(long timestamp) => (uint)(timestamp / _ticksPerUnit);

    private static float CostOf(long state) => BitConverter.UInt32BitsToSingle((uint)state);

    private static uint StampOf(long state) => (uint)(state >> 32);

    private static long Pack(float cost, uint stamp) => ((long)stamp << 32) | BitConverter.SingleToUInt32Bits(cost);
}
