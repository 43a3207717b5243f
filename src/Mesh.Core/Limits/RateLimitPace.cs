namespace Mesh.Limits;

/// <summary>
/// The numbers of a limit in the terms of the generic cell rate algorithm (ATM Forum, Traffic Management Specification 4.0,
/// "virtual scheduling"): each acquisition moves a key's theoretical arrival time on by one interval, and is allowed while
/// that time is not further ahead of now than the capacity.
/// </summary>
/// <remarks>
/// All times are whole nanoseconds. The interval is rounded up, so the pace is never exceeded; at the fastest pace allowed
/// by <see cref="RateLimitOptions"/> that costs a tenth of a percent.
/// </remarks>
internal sealed class RateLimitPace
{
    private const long NanosecondsPerTick = 100;

    public RateLimitPace(RateLimitOptions options)
    {
        Limit = options.Limit;
        Window = options.Window;
        Burst = options.Burst ?? options.Limit;
        var window = Window.Ticks * NanosecondsPerTick;
        Interval = (window / Limit) + (window % Limit == 0 ? 0 : 1);
        Capacity = Interval * Burst;
    }

    public int Limit { get; }

    public TimeSpan Window { get; }

    public int Burst { get; }

    /// <summary>The time that pays for one acquisition.</summary>
    public long Interval { get; }

    /// <summary>The time that pays for a full burst.</summary>
    public long Capacity { get; }

    /// <summary>The answer for a key whose theoretical arrival time would become <paramref name="arrival"/>.</summary>
    public RateLimitResult Allow(long arrival, long now) =>
        new(Allowed: true, (int)((Capacity - (arrival - now)) / Interval), TimeSpan.Zero, ToTimeSpan(arrival - now));

    /// <summary>The answer for a key that would have gone beyond the capacity to <paramref name="arrival"/>.</summary>
    public RateLimitResult Refuse(long arrival, long now) =>
        new(Allowed: false, 0, ToTimeSpan(arrival - now - Capacity), ToTimeSpan(arrival - Interval - now));

    // Rounded up: whoever waits this long is not refused for the rest of a tick.
    private static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks((nanoseconds + NanosecondsPerTick - 1) / NanosecondsPerTick);
}
