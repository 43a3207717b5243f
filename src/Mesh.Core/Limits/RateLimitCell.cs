namespace Mesh.Limits;

/// <summary>The state of one key: its theoretical arrival time in nanoseconds, changed by compare-and-swap alone.</summary>
internal sealed class RateLimitCell
{
    // A cell that the sweep has taken out of the table. Whoever still holds it looks the key up again.
    private const long Dead = long.MinValue;

    private long _arrival;

    /// <summary>Takes one token, or says why not.</summary>
    /// <returns><see langword="false"/> when the cell is dead.</returns>
    public bool TryAcquire(RateLimitPace pace, long now, out RateLimitResult result)
    {
        var seen = Volatile.Read(ref _arrival);
        while (seen != Dead)
        {
            var arrival = Math.Max(seen, now) + pace.Interval;
            if (arrival - now > pace.Capacity)
            {
                result = pace.Refuse(arrival, now);
                return true;
            }

            var before = Interlocked.CompareExchange(ref _arrival, arrival, seen);
            if (before == seen)
            {
                result = pace.Allow(arrival, now);
                return true;
            }

            seen = before;
        }

        result = default;
        return false;
    }

    /// <summary>What <see cref="TryAcquire"/> would answer, with nothing taken: <see cref="RateLimitResult.Remaining"/> counts this one.</summary>
    public RateLimitResult Peek(RateLimitPace pace, long now)
    {
        var arrival = Math.Max(Volatile.Read(ref _arrival), now);
        return arrival + pace.Interval - now > pace.Capacity ? pace.Refuse(arrival + pace.Interval, now) : pace.Allow(arrival, now);
    }

    /// <summary>Gives back up to <paramref name="nanoseconds"/> of what was taken.</summary>
    public void Refund(long nanoseconds)
    {
        var seen = Volatile.Read(ref _arrival);
        while (seen != Dead)
        {
            var before = Interlocked.CompareExchange(ref _arrival, seen - nanoseconds, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Marks the cell dead if its bucket is full, which is the state of a key never seen.</summary>
    public bool TryRetire(long now)
    {
        var seen = Volatile.Read(ref _arrival);
        return seen <= now && Interlocked.CompareExchange(ref _arrival, Dead, seen) == seen;
    }
}
