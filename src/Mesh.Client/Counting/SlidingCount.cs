namespace Mesh.Client.Counting;

/// <summary>How often something happened lately: over a window in ten slices, without a lock and without allocation.</summary>
/// <remarks>
/// A slice is one word, its epoch in the high and its count in the low half, so that to count is one compare-and-swap and
/// a slice of an earlier round is empty without being cleared.
/// </remarks>
internal sealed class SlidingCount(TimeSpan window, TimeProvider time)
{
    private const int SliceCount = 10;

    private readonly long[] _slices = new long[SliceCount];
    private readonly long _sliceTicks = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / SliceCount));

    public void Increment(long now)
    {
        var epoch = Epoch(now);
        ref var slice = ref _slices[epoch % SliceCount];
        while (true)
        {
            var word = Volatile.Read(ref slice);
            if (unchecked(EpochOf(word) - epoch) is > 0 and <= 2 * SliceCount)
            {
                // A thread that read its clock a whole round ago must not wipe out the present.
                return;
            }

            var count = EpochOf(word) == epoch ? CountOf(word) : 0;
            if (count == uint.MaxValue || Interlocked.CompareExchange(ref slice, Pack(epoch, count + 1), word) == word)
            {
                return;
            }
        }
    }

    public long Sum(long now)
    {
        var epoch = Epoch(now);
        var sum = 0L;
        foreach (ref var slice in _slices.AsSpan())
        {
            var word = Volatile.Read(ref slice);
            if (unchecked(epoch - EpochOf(word)) < SliceCount)
            {
                sum += CountOf(word);
            }
        }

        return sum;
    }

    // Offset by two rounds so that the words of a fresh array, epoch 0, are older than any real slice.
    private uint Epoch(long now) => unchecked((uint)(now / _sliceTicks)) + (2 * SliceCount);

    private static long Pack(uint epoch, uint count) => unchecked((long)((ulong)epoch << 32 | count));

    private static uint EpochOf(long word) => unchecked((uint)(word >> 32));

    private static uint CountOf(long word) => unchecked((uint)word);
}
