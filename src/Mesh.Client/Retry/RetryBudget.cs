using Mesh.Client.Counting;

namespace Mesh.Client.Retry;

/// <summary>
/// Bounds the retries of one caller to one service to a share of its calls (Finagle's <c>RetryBudget</c>; Linkerd's
/// ServiceProfile budget; Gateway API GEP-3388). Retries and hedges draw on the same balance.
/// </summary>
/// <remarks>
/// Each call deposits 1000 units, each retry withdraws 1000 / ratio. Deposits and withdrawals count for the
/// time-to-live; on top lies a reserve of <c>minPerSecond × ttl</c> withdrawals that does not expire.
/// With a ratio of 0 calls deposit nothing and a retry costs one unit of the reserve's scale.
/// What is counted are events and not units: units of a small ratio would overflow a slice and make retries free.
/// </remarks>
internal sealed class RetryBudget
{
    private const int DepositUnits = 1000;

    private readonly SlidingCount _deposits;
    private readonly SlidingCount _withdrawals;
    private readonly Lock _withdrawal = new();
    private readonly int _deposit;
    private readonly int _withdraw;
    private readonly long _reserve;
    private long _exhausted;

    public RetryBudget(RetryBudgetPolicy policy, TimeProvider time)
    {
        Policy = policy;
        _deposits = new SlidingCount(policy.Ttl, time);
        _withdrawals = new SlidingCount(policy.Ttl, time);
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
            _deposits.Increment(now);
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
                _withdrawals.Increment(now);
                return true;
            }
        }

        Interlocked.Increment(ref _exhausted);
        return false;
    }

    /// <summary>How many retries the balance would pay for.</summary>
    public long Balance(long now) => Math.Max(0, Units(now)) / _withdraw;

    private long Units(long now) => _reserve + (_deposits.Sum(now) * _deposit) - (_withdrawals.Sum(now) * _withdraw);
}
