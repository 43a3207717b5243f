namespace Mesh.Limits;

/// <summary>
/// The numbers of a limit, and what they mean for the state of a key: one word, of which 0 is that of a key never seen.
/// Immutable, and without state of its own: whoever holds the word changes it by compare-and-swap.
/// </summary>
internal abstract class RateLimitPace
{
    /// <summary>Never a state: marks a word whose key has moved elsewhere.</summary>
    public const long Moved = long.MinValue;

    protected const long NanosecondsPerTick = 100;

    protected RateLimitPace(RateLimitOptions options)
    {
        Limit = options.Limit;
        Window = options.Window;
        Burst = options.Burst ?? options.Limit;
    }

    public int Limit { get; }

    public TimeSpan Window { get; }

    public int Burst { get; }

    public static RateLimitPace Of(RateLimitOptions options) =>
        options.Algorithm == RateLimitAlgorithm.SlidingWindow ? new SlidingWindowPace(options) : new GcraPace(options);

    /// <summary>Takes <paramref name="cost"/> tokens, or says why not.</summary>
    /// <param name="state">The state of the key.</param>
    /// <param name="now">The time in nanoseconds since the table was made.</param>
    /// <param name="cost">How many.</param>
    /// <param name="next">The state to put in place of <paramref name="state"/>.</param>
    /// <param name="result">The answer.</param>
    public abstract bool TryCharge(long state, long now, int cost, out long next, out RateLimitResult result);

    /// <summary>What <see cref="TryCharge"/> would answer, with nothing taken: <see cref="RateLimitResult.Remaining"/> counts these.</summary>
    public abstract RateLimitResult Peek(long state, long now, int cost);

    /// <summary>The state after giving back what was taken at <paramref name="acquired"/>; never more than that, whatever has happened since.</summary>
    public abstract long Refund(long state, long acquired, long now, int cost);

    /// <summary>Whether the key is as good as never seen.</summary>
    public abstract bool IsUnused(long state, long now);

    // Rounded up: whoever waits this long is not refused for the rest of a tick.
    protected static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks((nanoseconds + NanosecondsPerTick - 1) / NanosecondsPerTick);
}
