namespace Mesh.Client.Retry;

/// <summary>
/// Bounds the retries of one caller to one service to a share of its calls (Finagle's <c>RetryBudget</c>; Linkerd's
/// ServiceProfile budget; Gateway API GEP-3388). Retries and hedges draw on the same balance.
/// </summary>
/// <remarks>
/// Each call deposits 1000 units, each retry withdraws 1000 / ratio. Deposits and withdrawals count for the
/// time-to-live, in ten slices; on top lies a reserve of <c>minPerSecond × ttl</c> withdrawals that does not expire.
/// With a ratio of 0 calls deposit nothing and a retry costs one unit of the reserve's scale.
/// A slice is one word, its epoch in the high and its sum in the low half, so that a deposit is one compare-and-swap.
/// </remarks>
internal sealed class RetryBudget
{
    private const int SliceCount = 10;
    private const int DepositUnits = 1000;

    private readonly long[] _slices = new long[SliceCount];
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
            Add(now, _deposit);
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
                Add(now, -_withdraw);
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
        var sum = _reserve;
        foreach (ref var slice in _slices.AsSpan())
        {
            var word = Volatile.Read(ref slice);
            if (unchecked((uint)(epoch - EpochOf(word))) < SliceCount)
            {
                sum += SumOf(word);
            }
        }

        return sum;
    }

    private void Add(long now, int units)
    {
        var epoch = Epoch(now);
        ref var slice = ref _slices[epoch % SliceCount];
        while (true)
        {
            var word = Volatile.Read(ref slice);
            var sum = EpochOf(word) == epoch ? SumOf(word) : 0;
            var next = Pack(epoch, (int)Math.Clamp((long)sum + units, int.MinValue, int.MaxValue));
            if (Interlocked.CompareExchange(ref slice, next, word) == word)
            {
                return;
            }
        }
    }

    // Offset by one slice count so that the words of a fresh array, epoch 0, are older than any real slice.
    private uint Epoch(long now) => unchecked((uint)(now / _sliceTicks)) + (2 * SliceCount);

    private static long Pack(uint epoch, int sum) => unchecked((long)((ulong)epoch << 32 | (uint)sum));

    private static uint EpochOf(long word) => unchecked((uint)(word >> 32));

    private static int SumOf(long word) => unchecked((int)word);
}
