using Mesh.Client.Endpoints;
using Mesh.Outcomes;

namespace Mesh.Client.Ejection;

/// <summary>
/// What became of an endpoint's attempts since the last comparison. Written by attempts with one or two interlocked
/// additions, taken by the sweep.
/// </summary>
internal sealed class OutlierWindow
{
    private long _successes;
    private long _failures;
    private long _takenSuccesses;
    private long _takenFailures;
    private LatencyHistogram? _latency;

    public void Record(CallOutcome outcome, TimeSpan elapsed)
    {
        switch (outcome)
        {
            case CallOutcome.Success or CallOutcome.Overload:
                Interlocked.Increment(ref _successes);
                break;
            case CallOutcome.Failure or CallOutcome.NotSent:
                Interlocked.Increment(ref _failures);
                break;
            default:
                // Cut short by the caller: neither an outcome nor a latency.
                return;
        }

        if (outcome != CallOutcome.NotSent)
        {
            Volatile.Read(ref _latency)?.Record(elapsed);
        }
    }

    /// <summary>Takes what was counted and begins anew. By one thread at a time.</summary>
    /// <param name="policy">Which latency is asked for, if any.</param>
    public OutlierTally Take(LatencyOutlierPolicy? policy)
    {
        // Totals and differences: an attempt that ends meanwhile belongs to this interval or the next, and is never lost.
        var successes = Interlocked.Read(ref _successes);
        var failures = Interlocked.Read(ref _failures);
        var taken = new OutlierTally(successes - _takenSuccesses, failures - _takenFailures, TakeLatency(policy));
        _takenSuccesses = successes;
        _takenFailures = failures;
        return taken;
    }

    private TimeSpan TakeLatency(LatencyOutlierPolicy? policy)
    {
        // One that nothing is recorded in has no buckets.
        var finished = Interlocked.Exchange(ref _latency, policy is null ? null : new LatencyHistogram());
        return policy is not null && finished?.Count >= policy.MinRequests ? finished.Quantile(policy.Quantile) : TimeSpan.Zero;
    }
}
