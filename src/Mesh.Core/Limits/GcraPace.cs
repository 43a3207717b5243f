namespace Mesh.Limits;

/// <summary>
/// The generic cell rate algorithm (ATM Forum, Traffic Management Specification 4.0, "virtual scheduling"): the state of a key
/// is its theoretical arrival time, each token moves that on by one interval, and is there while that time is not further
/// ahead of now than the capacity.
/// </summary>
/// <remarks>
/// All times are whole nanoseconds. The interval is rounded up, so the pace is never exceeded; at the fastest pace allowed
/// by <see cref="RateLimitOptions"/> that costs a tenth of a percent.
/// </remarks>
internal sealed class GcraPace : RateLimitPace
{
    public GcraPace(RateLimitOptions options)
        : base(options)
    {
        var window = Window.Ticks * NanosecondsPerTick;
        Interval = (window / Limit) + (window % Limit == 0 ? 0 : 1);
        Capacity = Interval * Burst;
    }

    /// <summary>The time that pays for one token.</summary>
    public long Interval { get; }

    /// <summary>The time that pays for a full burst.</summary>
    public long Capacity { get; }

    public override bool TryCharge(long state, long now, int cost, out long next, out RateLimitResult result)
    {
        next = Math.Max(state, now) + (Interval * cost);
        if (next - now > Capacity)
        {
            result = Refuse(next, now, cost);
            return false;
        }

        result = Allow(next, now);
        return true;
    }

    public override RateLimitResult Peek(long state, long now, int cost)
    {
        var arrival = Math.Max(state, now);
        var next = arrival + (Interval * cost);
        return next - now > Capacity ? Refuse(next, now, cost) : Allow(arrival, now);
    }

    /// <remarks>
    /// The bucket may have been full in between, and what would have flowed over then must not be given back. That is at
    /// most what the time since has refilled, so this much is kept: exact when no time has passed, and never too much.
    /// </remarks>
    public override long Refund(long state, long acquired, long now, int cost)
    {
        var owed = (Interval * cost) - (now - acquired);
        return owed > 0 ? state - owed : state;
    }

    public override bool IsUnused(long state, long now) => state <= now;

    private RateLimitResult Allow(long arrival, long now) =>
        new(Allowed: true, (int)((Capacity - (arrival - now)) / Interval), TimeSpan.Zero, ToTimeSpan(arrival - now));

    private RateLimitResult Refuse(long arrival, long now, int cost) =>
        new(Allowed: false, 0, ToTimeSpan(arrival - now - Capacity), ToTimeSpan(arrival - (Interval * cost) - now));
}
