using Mesh.Limits;

namespace Mesh.Gateway.Quotas;

/// <summary>
/// What this gateway has of one shared quota of one consumer in one window: what it has claimed, and what it has used of that.
/// Taking from the claim is lock-free; one request at a time asks for more.
/// </summary>
/// <param name="key">Whose quota.</param>
/// <param name="quota">The quota as it was when the window began: for its time zone, which may change.</param>
/// <param name="window">The number of the window.</param>
/// <param name="known">What is known to be used of it before the store has answered: by this gateway, before it was started.</param>
internal sealed class QuotaShare(QuotaKey key, Quota quota, long window, long known)
{
    private readonly QuotaFrame _frame = new(window, 0, []);
    private long _claimed;
    private long _usedAtTick = -1;
    private volatile QuotaFrame? _all;
    private volatile bool _isReleasing;
    private long _others = known;
    private long _refusedCost;
    private long _refusedAt;

    public QuotaKey Key { get; } = key;

    public Quota Quota { get; } = quota;

    public long Window { get; } = window;

    /// <summary>Who asks the store holds it.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    public long Used => _frame.UsedHere;

    /// <summary>Whether the window is over, and what was used in it is final.</summary>
    public bool IsClosed => _frame.IsClosed;

    /// <summary>Whether more was used than claimed, which the store does not know.</summary>
    public bool IsOwing => Used > Volatile.Read(ref _claimed);

    /// <summary>Whether something can be given back.</summary>
    public bool IsHolding => _isReleasing || Used < Volatile.Read(ref _claimed);

    /// <summary>What is left of the quota for all, as far as it is known here.</summary>
    public long LeftOf(Quota quota) => Math.Max(0, quota.Limit - Volatile.Read(ref _others) - Used);

    /// <summary>All that is known of the windows that count, for saying when there will be room.</summary>
    public QuotaFrame Known => _all ?? new QuotaFrame(Window, Volatile.Read(ref _others) + Used, new long[Quota.Older]);

    /// <summary>Takes from what is claimed.</summary>
    public bool TryTake(long cost) => _frame.TryCharge(cost, Volatile.Read(ref _claimed));

    /// <summary>Takes by what is known here, without the store.</summary>
    public bool TryTakeUnclaimed(long cost, long limit) => _frame.TryCharge(cost, limit == long.MaxValue ? limit : limit - Volatile.Read(ref _others));

    /// <summary>Ends taking from what is claimed, for giving it back.</summary>
    /// <remarks>It stays so when the store does not answer: it may have taken it back, and others may have it.</remarks>
    public void Withhold()
    {
        _isReleasing = true;
        Volatile.Write(ref _claimed, 0);
    }

    public void Refund(long cost) => _frame.Refund(cost);

    public void Close() => _frame.Close();

    /// <summary>Takes over what the store has said.</summary>
    public void Adopt(SharedQuotaAnswer answer)
    {
        var all = new QuotaFrame(Window, answer.InWindow, [.. answer.Older]);
        Volatile.Write(ref _others, all.Used - answer.Claimed);
        _all = all;
        _isReleasing = false;
        Volatile.Write(ref _claimed, answer.Claimed);
    }

    /// <summary>Remembers that the store had no room.</summary>
    public void Refuse(long cost, long timestamp)
    {
        Volatile.Write(ref _refusedAt, timestamp);
        Volatile.Write(ref _refusedCost, cost);
    }

    /// <summary>Whether the store has refused as much a moment ago, so that asking again is in vain.</summary>
    public bool WasRefused(long cost, TimeProvider time, TimeSpan within) =>
        Volatile.Read(ref _refusedCost) is > 0 and var refused && cost >= refused && time.GetElapsedTime(Volatile.Read(ref _refusedAt)) < within;

    /// <summary>Called at regular intervals.</summary>
    /// <returns>Whether nothing was used since the last call.</returns>
    public bool IsIdle()
    {
        var used = Used;
        var isIdle = used == _usedAtTick;
        _usedAtTick = used;
        return isIdle;
    }
}
