namespace Mesh.Client.Tokens;

/// <summary>
/// Keeps away from a source that fails: 1 s after the first failure, twice as long after each further one up to a minute, less
/// up to a half so that processes do not come back together. Then one fetch tries, and the others wait for what it finds.
/// </summary>
internal sealed class FetchBackoff(TimeProvider time, Random random)
{
    private const double JitteredShare = 0.5;
    private const int MaxDoublings = 6;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // What an endpoint may ask for at most: a mistake of its must not keep us away for a day.
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private int _failures;
    private long _failedAt;
    private long _openAt = long.MinValue;

    public bool IsFailing => Volatile.Read(ref _failures) > 0;

    public bool IsOpen(long now) => now >= Volatile.Read(ref _openAt);

    /// <summary>What is left of it.</summary>
    public TimeSpan Remaining(long now) => IsOpen(now) ? TimeSpan.Zero : time.GetElapsedTime(now, Volatile.Read(ref _openAt));

    /// <summary>Whether a fetch may begin. While the source fails, one at a time.</summary>
    /// <param name="now">The moment, as a timestamp.</param>
    /// <param name="longest">How long that fetch may take.</param>
    public bool TryEnter(long now, TimeSpan longest)
    {
        lock (_lock)
        {
            if (!IsOpen(now))
            {
                return false;
            }

            if (IsFailing)
            {
                Volatile.Write(ref _openAt, now + Ticks(longest));
            }

            return true;
        }
    }

    /// <param name="started">When the fetch that failed began, as a timestamp.</param>
    /// <param name="now">The moment.</param>
    /// <param name="asked">The pause that the source asks for.</param>
    /// <returns>Whether the source had not failed before.</returns>
    public bool Fail(long started, long now, TimeSpan? asked)
    {
        lock (_lock)
        {
            if (IsFailing && started < _failedAt)
            {
                // Many that began together and failed together are one failure.
                return false;
            }

            _failedAt = now;
            Volatile.Write(ref _failures, _failures + 1);
            var pause = First * Math.Pow(2, Math.Min(_failures - 1, MaxDoublings));
            pause = (pause < Longest ? pause : Longest) * (1 - (JitteredShare * random.NextDouble()));
            if (asked > pause)
            {
                pause = asked.Value < LongestAsked ? asked.Value : LongestAsked;
            }

            Volatile.Write(ref _openAt, now + Ticks(pause));
            return _failures == 1;
        }
    }

    /// <returns>Whether the source had failed before.</returns>
    public bool Succeed()
    {
        lock (_lock)
        {
            var hadFailed = IsFailing;
            Volatile.Write(ref _openAt, long.MinValue);
            Volatile.Write(ref _failures, 0);
            return hadFailed;
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}
