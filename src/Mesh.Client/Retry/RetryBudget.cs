namespace Mesh.Client.Retry;

/// <summary>
/// Bounds the retries of one caller to one service to a share of its calls (Finagle's <c>RetryBudget</c>; Linkerd's
/// ServiceProfile budget; Gateway API GEP-3388). Retries and hedges draw on the same balance.
/// </summary>
/// <remarks>
/// Each call deposits 1000 units, each retry withdraws 1000 / ratio. Deposits and withdrawals count for the
/// time-to-live, in ten slices; on top lies a reserve of <c>minPerSecond × ttl</c> withdrawals that does not expire.
/// With a ratio of 0 calls deposit nothing and a retry costs one unit of the reserve's scale.
/// A slice is one word, its epoch in the high and its count in the low half, so that a deposit is one compare-and-swap.
/// Slices count events and not units: units of a small ratio would overflow a slice and make retries free.
/// </remarks>
internal sealed class RetryBudget
{
    private const int SliceCount = 10;
    private const int DepositUnits = 1000;

    private readonly long[] _deposits = new long[SliceCount];
    private readonly long[] _withdrawals = new long[SliceCount];
    private readonly Lock _withdrawal = new();
    private readonly long _sliceTicks;
    private readonly int _deposit;
    private readonly int _withdraw;
    private readonly long _reserve;
    private long _exhausted;

    public RetryBudget(RetryBudgetPolicy policy, TimeProvider time)
    {
        Policy = policy;
        _sliceTicks = Math.Max(1, (long)(policy.Ttl.TotalSeconds * time.TimestampFrequency / SliceCount));
        _deposit = policy.Ratio > 0 ? DepositUnits : 0;
        _withdraw = policy.Ratio > 0 ? Math.Max(1, (int)Math.Min(int.MaxValue / 2, DepositUnits / policy.Ratio)) : 1;
        _reserve = (long)(policy.MinPerSecond * policy.Ttl.TotalSeconds * _withdraw);
    }

    public RetryBudgetPolicy Policy { get; }

    /// <summary>How many retries were refused for lack of budget.</summary>
    public long Exhausted => Interlocked.Read(ref _exhausted);

    /// <summary>Counts a call. Called once per logical call, with the time it began.</summary>
    public void Deposit(long now)
    {
        if (_deposit > 0)
        {
            Increment(_deposits, Epoch(now));
        }
    }

    /// <summary>Takes what one retry costs, or counts that there was not enough.</summary>
    public bool TryWithdraw(long now)
    {
        // Checking and taking must be one step; only calls that are already failing come here.
        lock (_withdrawal)
        {
            if (Units(now) >= _withdraw)
            {
                Increment(_withdrawals, Epoch(now));
                return true;
            }
        }

        Interlocked.Increment(ref _exhausted);
        return false;
    }

    /// <summary>How many retries the balance would pay for.</summary>
    public long Balance(long now) => Math.Max(0, Units(now)) / _withdraw;

    private long Units(long now)
    {
        var epoch = Epoch(now);
        return _reserve + (Sum(_deposits, epoch) * _deposit) - (Sum(_withdrawals, epoch) * _withdraw);
    }

    private static long Sum(long[] slices, uint epoch)
    {
        var sum = 0L;
        foreach (ref var slice in slices.AsSpan())
        {
            var word = Volatile.Read(ref slice);
            if (unchecked(epoch - EpochOf(word)) < SliceCount)
            {
                sum += CountOf(word);
            }
        }

        return sum;
    }

    private static void Increment(long[] slices, uint epoch)
    {
        ref var slice = ref slices[epoch % SliceCount];
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

    // Offset by one slice count so that the words of a fresh array, epoch 0, are older than any real slice.
    private uint Epoch(long now) => unchecked((uint)(now / _sliceTicks)) + (2 * SliceCount);

    private static long Pack(uint epoch, uint count) => unchecked((long)((ulong)epoch << 32 | count));

    private static uint EpochOf(long word) => unchecked((uint)(word >> 32));

    private static uint CountOf(long word) => unchecked((uint)word);
}
