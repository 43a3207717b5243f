namespace Mesh.Server.LoadShedding;

/// <summary>What was seen since the limit was last looked at. Written by many threads, read by the one that looks.</summary>
internal sealed class LatencyWindow
{
    // Enough for a median; more would only be sorted.
    private const int MaxSamples = 512;

    private readonly long[] _samples = new long[MaxSamples];
    private readonly long[] _sorted = new long[MaxSamples];
    private int _count;
    private int _dropped;
    private int _peak;

    public void Record(TimeSpan latency)
    {
        var number = Interlocked.Increment(ref _count) - 1;
        if (number < MaxSamples)
        {
            Volatile.Write(ref _samples[number], latency.Ticks);
        }
    }

    public void Drop() => Interlocked.Increment(ref _dropped);

    /// <summary>Notes how many requests are being served; approximate, for a race loses one observation of many.</summary>
    public void Observe(int inFlight)
    {
        if (inFlight > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, inFlight);
        }
    }

    /// <summary>Takes everything out. One thread at a time.</summary>
    public LatencySummary Take()
    {
        var count = Math.Min(Interlocked.Exchange(ref _count, 0), MaxSamples);
        var dropped = Interlocked.Exchange(ref _dropped, 0);
        var peak = Interlocked.Exchange(ref _peak, 0);
        if (count == 0)
        {
            return new LatencySummary(0, TimeSpan.Zero, TimeSpan.Zero, peak, dropped);
        }

        var sorted = _sorted.AsSpan(0, count);
        _samples.AsSpan(0, count).CopyTo(sorted);
        sorted.Sort();
        long total = 0;
        foreach (var sample in sorted)
        {
            total += sample;
        }

        return new LatencySummary(count, new TimeSpan(sorted[count / 2]), new TimeSpan(total / count), peak, dropped);
    }
}
