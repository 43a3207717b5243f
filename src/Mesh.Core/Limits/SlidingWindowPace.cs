namespace Mesh.Limits;

/// <summary>
/// A sliding window of two halves. What was taken is counted by halves, and counts until its half and the two behind it have
/// passed: at least a window, wherever in its half it was. So no window anywhere holds more than the limit, without the
/// double burst at the edge of fixed windows and without the guess of weighted ones.
/// </summary>
/// <remarks>
/// The state is four numbers of 16 bits: the number of the current half, and the counts of this half and of the two before.
/// Half numbers repeat after 65 536 halves; the sweep clears what is unused long before.
/// </remarks>
internal sealed class SlidingWindowPace : RateLimitPace
{
    /// <summary>The largest limit: what a count can hold.</summary>
    public const int MaxLimit = ushort.MaxValue;

    /// <summary>The shortest window.</summary>
    public static readonly TimeSpan MinWindow = TimeSpan.FromMilliseconds(10);

    private const int Kept = 3;

    private readonly long _half;

    public SlidingWindowPace(RateLimitOptions options)
        : base(options) => _half = ((Window.Ticks * NanosecondsPerTick) + 1) / 2;

    public override bool TryCharge(long state, long now, int cost, out long next, out RateLimitResult result)
    {
        var counts = Read(state, now);
        if (counts.Sum + cost > Limit)
        {
            next = state;
            result = Refuse(counts, now, cost);
            return false;
        }

        counts.Current += cost;
        next = Write(counts, now);
        result = Allow(counts, now);
        return true;
    }

    public override RateLimitResult Peek(long state, long now, int cost)
    {
        var counts = Read(state, now);
        return counts.Sum + cost > Limit ? Refuse(counts, now, cost) : Allow(counts, now);
    }

    public override long Refund(long state, long acquired, long now, int cost)
    {
        var counts = Read(state, now);
        switch ((now / _half) - (acquired / _half))
        {
            case 0:
                counts.Current = Math.Max(0, counts.Current - cost);
                break;
            case 1:
                counts.Previous = Math.Max(0, counts.Previous - cost);
                break;
            case 2:
                counts.Oldest = Math.Max(0, counts.Oldest - cost);
                break;
            default:
                break;
        }

        return Write(counts, now);
    }

    public override bool IsUnused(long state, long now) => Read(state, now).Sum == 0;

    private Counts Read(long state, long now)
    {
        var counts = new Counts((int)(state & 0xFFFF), (int)((state >> 16) & 0xFFFF), (int)((state >> 32) & 0xFFFF));
        return counts.Sum == 0 ? counts : (ushort)((now / _half) - (state >> 48)) switch
        {
            0 => counts,
            1 => new Counts(0, counts.Current, counts.Previous),
            2 => new Counts(0, 0, counts.Current),
            _ => default,
        };
    }

    private long Write(Counts counts, long now) => counts.Sum == 0
        ? 0
        : (long)((ulong)(ushort)(now / _half) << 48) | ((long)counts.Oldest << 32) | ((long)counts.Previous << 16) | (uint)counts.Current;

    private RateLimitResult Allow(Counts counts, long now) =>
        new(Allowed: true, Limit - counts.Sum, TimeSpan.Zero, ToTimeSpan(counts.Sum == 0 ? 0 : UntilGone(counts, now)));

    private RateLimitResult Refuse(Counts counts, long now, int cost)
    {
        var freed = counts.Oldest;
        var halves = 0;
        if (counts.Sum - freed + cost > Limit)
        {
            freed += counts.Previous;
            halves = counts.Sum - freed + cost > Limit ? Kept - 1 : 1;
        }

        return new(Allowed: false, 0, ToTimeSpan(UntilNextHalf(now) + (halves * _half)), ToTimeSpan(UntilGone(counts, now)));
    }

    private long UntilNextHalf(long now) => _half - (now % _half);

    private long UntilGone(Counts counts, long now) =>
        UntilNextHalf(now) + (_half * (counts.Current > 0 ? Kept - 1 : counts.Previous > 0 ? 1 : 0));

    private record struct Counts(int Current, int Previous, int Oldest)
    {
        public readonly int Sum => Current + Previous + Oldest;
    }
}
