using System.Numerics;

namespace Mesh.Client.Endpoints;

/// <summary>
/// A log-linear histogram of latencies: eight buckets for each power of two from 64 µs to about 67 s, so a quantile is
/// at most 12.5 % off. One interlocked add per call; aged by halving, so it speaks of the last half minute or so. An
/// endpoint that is never called has no buckets.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 3;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int SmallestBits = 6; // 2⁶ µs
    private const int Octaves = 20;

    private int[]? _counts;

    public void Record(TimeSpan latency) => Interlocked.Increment(ref (_counts ?? CreateCounts())[BucketOf(latency)]);

    /// <summary>How many calls it speaks of.</summary>
    public long Count
    {
        get
        {
            long total = 0;
            foreach (var count in _counts ?? [])
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>The latency below which the share <paramref name="quantile"/> of calls lies; zero when there were none.</summary>
    public TimeSpan Quantile(double quantile)
    {
        var total = Count;
        var counts = _counts ?? [];
        if (total == 0)
        {
            return TimeSpan.Zero;
        }

        var rank = (long)Math.Ceiling(quantile * total);
        var bucket = 0;
        for (long seen = 0; bucket < counts.Length; bucket++)
        {
            seen += counts[bucket];
            if (seen >= rank)
            {
                break;
            }
        }

        return UpperBound(bucket);
    }

    /// <summary>Halves every count: called on the control plane's beat.</summary>
    public void Age()
    {
        foreach (ref var count in _counts.AsSpan())
        {
            // A concurrent increment may be lost here; the figure is for people, and one call does not move it.
            count >>= 1;
        }
    }

    private int[] CreateCounts()
    {
        var counts = new int[(Octaves + 1) * SubBuckets];
        return Interlocked.CompareExchange(ref _counts, counts, null) ?? counts;
    }

    private static int BucketOf(TimeSpan latency)
    {
        var microseconds = (ulong)Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond);
        if (microseconds < 1 << SmallestBits)
        {
            return 0;
        }

        var exponent = BitOperations.Log2(microseconds);
        var sub = (int)(microseconds >> (exponent - SubBucketBits)) & (SubBuckets - 1);
        return Math.Min((Octaves * SubBuckets) + SubBuckets - 1, ((exponent - SmallestBits + 1) * SubBuckets) + sub);
    }

    private static TimeSpan UpperBound(int bucket)
    {
        if (bucket < SubBuckets)
        {
            return TimeSpan.FromMicroseconds(1 << SmallestBits);
        }

        var exponent = (bucket / SubBuckets) - 1 + SmallestBits;
        var sub = (bucket % SubBuckets) + 1;
        return TimeSpan.FromMicroseconds((1L << exponent) + ((long)sub << (exponent - SubBucketBits)));
    }
}
