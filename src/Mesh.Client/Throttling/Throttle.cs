using Mesh.Client.Counting;
using Mesh.Outcomes;

namespace Mesh.Client.Throttling;

/// <summary>
/// Holds attempts back with the chance <c>max(0, (requests − K × accepts) / (requests + 1))</c> (Google's SRE book, "Handling
/// Overload"). What is held back counts among the requests, so that pressing harder does not get more through.
/// </summary>
internal sealed class Throttle(ThrottlingPolicy policy, TimeProvider time)
{
    private readonly SlidingCount _requests = new(policy.Window, time);
    private readonly SlidingCount _accepts = new(policy.Window, time);
    private volatile ThrottlingPolicy _policy = policy;

    public ThrottlingPolicy Policy => _policy;

    /// <summary>Takes over a policy of the same window: what was counted stays.</summary>
    public void Use(ThrottlingPolicy other) => _policy = other;

    /// <summary>The chance that an attempt is held back now.</summary>
    public double Share(long now)
    {
        var current = _policy;
        var requests = _requests.Sum(now);
        var share = (requests - (current.Multiplier * _accepts.Sum(now))) / (requests + 1);
        return Math.Clamp(share, 0, current.MaxShare);
    }

    /// <summary>Whether an attempt may be made; where it may not, it is counted.</summary>
    public bool TryEnter(long now, Random random)
    {
        var share = Share(now);
        if (share == 0 || random.NextDouble() >= share)
        {
            return true;
        }

        _requests.Increment(now);
        return false;
    }

    /// <summary>Takes in what became of an attempt. One that was cancelled was neither accepted nor refused.</summary>
    public void Record(CallOutcome outcome, long now)
    {
        if (outcome == CallOutcome.CancelledByCaller)
        {
            return;
        }

        _requests.Increment(now);
        if (outcome == CallOutcome.Success)
        {
            _accepts.Increment(now);
        }
    }
}
