namespace Mesh;

/// <summary>
/// The instant after which nobody waits for an answer any more, on the monotonic clock of this process.
/// </summary>
/// <remarks>
/// A deadline never travels as an absolute time, because clocks of two machines disagree: on the wire it is the time
/// that remains (<see cref="DeadlineHeader"/>), as in gRPC. <see langword="default"/> is <see cref="None"/>.
/// </remarks>
public readonly record struct Deadline : IComparable<Deadline>
{
    // Offset by one so that default(Deadline) means "none" and timestamp 0 can still be expressed.
    private readonly long _timestampPlusOne;

    private Deadline(long timestamp) => _timestampPlusOne = timestamp + 1;

    /// <summary>No deadline: wait for as long as it takes.</summary>
    public static Deadline None => default;

    /// <summary>Whether there is no deadline.</summary>
    public bool IsNone => _timestampPlusOne == 0;

    /// <summary>The deadline that passes when <paramref name="remaining"/> has gone by.</summary>
    /// <param name="remaining">Zero or less gives a deadline that has passed; an infinite time-out gives <see cref="None"/>.</param>
    /// <param name="time">The clock; later calls must be given the same one.</param>
    public static Deadline After(TimeSpan remaining, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return After(remaining, time.GetTimestamp(), time);
    }

    /// <summary>The same, from a moment on that the caller knows already.</summary>
    /// <param name="remaining">Zero or less gives a deadline that has passed; an infinite time-out gives <see cref="None"/>.</param>
    /// <param name="now">The moment, as a timestamp of <paramref name="time"/>.</param>
    /// <param name="time">The clock; later calls must be given the same one.</param>
    public static Deadline After(TimeSpan remaining, long now, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        if (remaining == Timeout.InfiniteTimeSpan)
        {
            return None;
        }

        var ticks = remaining.TotalSeconds * time.TimestampFrequency;
        return ticks >= long.MaxValue - now - 1 ? None : new Deadline(now + Math.Max(0, (long)ticks));
    }

    /// <summary>The earlier of two; <see cref="None"/> is later than any.</summary>
    public static Deadline Earliest(Deadline first, Deadline second) => first.CompareTo(second) <= 0 ? first : second;

    /// <summary>The same, sooner: what a hop keeps for itself of the time it was given. Never before the beginning of time; <see cref="None"/> stays.</summary>
    public Deadline Minus(TimeSpan reserve, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return IsNone ? this : new Deadline(Math.Max(0, Timestamp - (long)(reserve.TotalSeconds * time.TimestampFrequency)));
    }

    /// <summary>
    /// What is left: <see cref="TimeSpan.Zero"/> when it has passed, <see cref="Timeout.InfiniteTimeSpan"/> for <see cref="None"/>.
    /// </summary>
    public TimeSpan Remaining(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return IsNone ? Timeout.InfiniteTimeSpan : Remaining(time.GetTimestamp(), time);
    }

    /// <summary>The same at a moment the caller knows, as a timestamp of <paramref name="time"/>.</summary>
    public TimeSpan Remaining(long now, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        if (IsNone)
        {
            return Timeout.InfiniteTimeSpan;
        }

        return now >= Timestamp ? TimeSpan.Zero : time.GetElapsedTime(now, Timestamp);
    }

    /// <summary>Whether nothing is left. Never true for <see cref="None"/>.</summary>
    public bool HasPassed(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return HasPassed(IsNone ? 0 : time.GetTimestamp());
    }

    /// <summary>The same at a moment the caller knows, as a timestamp of the clock the deadline was made with.</summary>
    public bool HasPassed(long now) => !IsNone && now >= Timestamp;

    /// <inheritdoc/>
    public int CompareTo(Deadline other) => Order.CompareTo(other.Order);

    /// <summary>Whether <paramref name="left"/> passes before <paramref name="right"/>.</summary>
    public static bool operator <(Deadline left, Deadline right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> passes after <paramref name="right"/>.</summary>
    public static bool operator >(Deadline left, Deadline right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not pass after <paramref name="right"/>.</summary>
    public static bool operator <=(Deadline left, Deadline right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not pass before <paramref name="right"/>.</summary>
    public static bool operator >=(Deadline left, Deadline right) => left.CompareTo(right) >= 0;

    private long Timestamp => _timestampPlusOne - 1;

    private long Order => IsNone ? long.MaxValue : Timestamp;
}
