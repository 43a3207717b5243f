using Mesh.Client.Counting;
using Mesh.Outcomes;

namespace Mesh.Client.CircuitBreaking;

/// <summary>
/// Fails attempts to a service at once while most of them would fail anyway (Nygard, "Release It!"). It sees the service as
/// a whole: an endpoint that fails alone is ejected long before.
/// </summary>
/// <remarks>
/// Closed → (so many attempts in the window, and this share of them failed) → Open → (time is up, a few attempts are let
/// through) → HalfOpen → Closed when all of them succeed, Open for twice as long when one fails. The lock is taken to change
/// the state and to claim a trial; whoever is let through or refused takes none. Polly's breaker has the same states; it locks
/// for every outcome.
/// </remarks>
internal sealed class CircuitBreaker
{
    private const double Jitter = 0.1;

    private readonly Lock _changing = new();
    private readonly TimeProvider _time;
    private readonly Random _random;
    private volatile CircuitBreakerPolicy _policy;
    private volatile Counts _counts;
    private volatile CircuitState _state;
    private volatile int _trials;
    private long _until;
    private long _closedAt;
    private int _passed;
    private int _openings;

    public CircuitBreaker(CircuitBreakerPolicy policy, TimeProvider time, Random random)
    {
        _time = time;
        _random = random;
        _policy = policy;
        _counts = new Counts(policy, time);
        _closedAt = long.MinValue / 2;
    }

    public CircuitState State => _state;

    /// <summary>When it lets the next attempt through, as a timestamp; meaningful while it is not closed.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>How often it has opened in a row.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Takes over a new policy. The state stays; what was counted stays unless the window has changed.</summary>
    public void Use(CircuitBreakerPolicy policy)
    {
        lock (_changing)
        {
            if (policy.Window != _policy.Window)
            {
                _counts = new Counts(policy, _time);
            }

            _policy = policy;
        }
    }

    /// <summary>Whether an attempt may be made.</summary>
    /// <param name="now">The moment, as a timestamp.</param>
    /// <param name="isTrial">Whether it is one of those that find out; its end must be told.</param>
    public bool TryEnter(long now, out bool isTrial)
    {
        isTrial = false;
        return _state switch
        {
            CircuitState.Closed => true,
            CircuitState.HalfOpen when _trials < _policy.Trials => TryClaim(now, out isTrial),
            _ => now >= Until && TryClaim(now, out isTrial),
        };
    }

    /// <summary>Takes in what became of an attempt.</summary>
    /// <returns>The state that follows from it, where it is another one.</returns>
    public CircuitState? Record(CallOutcome outcome, bool isTrial, long now)
    {
        if (isTrial)
        {
            return RecordTrial(outcome, now);
        }

        // What began before it opened and ends now says nothing new.
        if (_state != CircuitState.Closed || outcome == CallOutcome.CancelledByCaller)
        {
            return null;
        }

        var counts = _counts;
        counts.All.Increment(now);
        if (outcome is CallOutcome.Success or CallOutcome.Overload)
        {
            return null;
        }

        counts.Failed.Increment(now);
        return IsTooMuch(counts, _policy, now) ? TryOpen(now) : null;
    }

    private static bool IsTooMuch(Counts counts, CircuitBreakerPolicy policy, long now)
    {
        var all = counts.All.Sum(now);
        return all >= policy.MinThroughput && counts.Failed.Sum(now) >= policy.FailureRatio * all;
    }

    private bool TryClaim(long now, out bool isTrial)
    {
        isTrial = false;
        lock (_changing)
        {
            if (_state == CircuitState.Closed)
            {
                return true;
            }

            if (now >= _until)
            {
                // Also where trials never told how they ended: nobody waits for them longer than for the first opening.
                _state = CircuitState.HalfOpen;
                (_trials, _passed) = (0, 0);
                _until = now + TicksOf(_policy.BreakDuration);
            }

            if (_state != CircuitState.HalfOpen || _trials >= _policy.Trials)
            {
                return false;
            }

            _trials++;
            return isTrial = true;
        }
    }

    private CircuitState? RecordTrial(CallOutcome outcome, long now)
    {
        lock (_changing)
        {
            if (_state != CircuitState.HalfOpen)
            {
                return null;
            }

            switch (outcome)
            {
                case CallOutcome.CancelledByCaller:
                    // It found nothing out: the next attempt may.
                    _trials = Math.Max(0, _trials - 1);
                    return null;
                case CallOutcome.Success or CallOutcome.Overload:
                    if (++_passed < _policy.Trials)
                    {
                        return null;
                    }

                    _counts = new Counts(_policy, _time);
                    _closedAt = now;
                    _state = CircuitState.Closed;
                    return CircuitState.Closed;
                default:
                    Open_NeedsLock(now);
                    return CircuitState.Open;
            }
        }
    }

    private CircuitState? TryOpen(long now)
    {
        lock (_changing)
        {
            if (_state != CircuitState.Closed)
            {
                return null;
            }

            if (now - _closedAt > TicksOf(_policy.Window))
            {
                // It held for a whole window: this is another outage, not the same one.
                _openings = 0;
            }

            Open_NeedsLock(now);
            return CircuitState.Open;
        }
    }

    private void Open_NeedsLock(long now)
    {
        _openings++;
        var duration = _policy.Duration(_openings) * (1 + (Jitter * _random.NextDouble()));
        Volatile.Write(ref _until, now + TicksOf(duration));
        _state = CircuitState.Open;
    }

    private long TicksOf(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private sealed class Counts(CircuitBreakerPolicy policy, TimeProvider time)
    {
        public SlidingCount All { get; } = new(policy.Window, time);

        public SlidingCount Failed { get; } = new(policy.Window, time);
    }
}
