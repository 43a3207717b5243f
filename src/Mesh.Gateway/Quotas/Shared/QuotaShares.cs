using System.Collections.Concurrent;
using Mesh.Limits;

namespace Mesh.Gateway.Quotas;

/// <summary>
/// The shared quotas of this gateway's consumers. A gateway claims a slice of a quota in the store and serves from it without
/// asking; the less is left for all, the smaller the slice, so that the last units are asked for one by one.
/// </summary>
/// <remarks>
/// While the store does not answer, what is used beyond the claim is remembered as used and told with the next claim. Since a claim
/// is the total of a window and not a change, an answer that was lost does no harm, and a store that has lost its memory is
/// told by each gateway what that one has used.
/// </remarks>
internal sealed class QuotaShares(QuotaStoreGate? gate, QuotaLedger ledger, TimeProvider time, int maxShares = QuotaLedger.DefaultMaxAccounts)
{
    /// <summary>A slice is no more than this part of what is left.</summary>
    private const int PartOfRest = 8;

    private static readonly TimeSpan RefusalStands = TimeSpan.FromSeconds(1);

    // No consumer has this name.
    private const string Others = "(others)";

    // Claims of this process end with it: the next one has another name.
    private readonly string _node = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<QuotaKey, QuotaShare> _shares = new();
    private readonly ConcurrentQueue<QuotaShare> _past = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>How the store is, for the state: <c>none</c>, <c>answering</c> or <c>away</c>.</summary>
    public string Store => gate is null ? "none" : gate.IsGone ? "away" : "answering";

    /// <summary>Takes the cost, from the claim or from the store.</summary>
    /// <returns>The answer, and the share the cost was taken from.</returns>
    public ValueTask<(QuotaAnswer Answer, QuotaShare Share)> TakeAsync(Quota quota, string consumer, long cost)
    {
        var share = Find(quota, consumer);
        return share.TryTake(cost) ? ValueTask.FromResult((QuotaAnswer.Allowed, share)) : AskAsync(quota, consumer, cost);
    }

    /// <summary>What a quota says about itself in response fields.</summary>
    public QuotaResult Describe(Quota quota, QuotaShare share, long cost, bool allowed)
    {
        var now = time.GetUtcNow();
        var known = share.Known;
        return new QuotaResult(
            allowed,
            share.LeftOf(quota),
            allowed ? TimeSpan.Zero : Later(quota.StartOf(known.FitsIn(cost, quota.Limit)) - now),
            Later(quota.StartOf(share.Window + quota.Older + 1) - now));
    }

    /// <summary>Tells the store what it does not know yet, and gives back what is not used.</summary>
    /// <param name="all">Whether nothing more will be used, because the process ends.</param>
    public async Task SettleAsync(bool all)
    {
        if (gate is null)
        {
            return;
        }

        var past = _past.Count;
        while (past-- > 0 && _past.TryDequeue(out var share))
        {
            if (IsPast(share) || (!share.IsOwing && !share.IsHolding))
            {
                continue;
            }

            if (!await SettleAsync(share, releases: true).ConfigureAwait(false))
            {
                _past.Enqueue(share);
            }
        }

        foreach (var (key, share) in _shares)
        {
            if (IsPast(share) && _shares.TryRemove(KeyValuePair.Create(key, share)))
            {
                share.Close();
                Interlocked.Decrement(ref _count);
                continue;
            }

            var isIdle = share.IsIdle() || all;
            if (share.IsOwing || (isIdle && share.IsHolding))
            {
                await SettleAsync(share, releases: isIdle).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> SettleAsync(QuotaShare share, bool releases)
    {
        await share.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (releases)
            {
                share.Withhold();
            }

            if (await gate!.TryClaimAsync(ClaimOf(share.Quota, share, share.Used, 0, 0, releases), Patience(share.Quota)).ConfigureAwait(false) is { } answer)
            {
                share.Adopt(answer);
                return true;
            }

            return false;
        }
        finally
        {
            share.Turn.Release();
        }
    }

    private async ValueTask<(QuotaAnswer Answer, QuotaShare Share)> AskAsync(Quota quota, string consumer, long cost)
    {
        while (true)
        {
            var share = Find(quota, consumer);
            await share.Turn.WaitAsync().ConfigureAwait(false);
            try
            {
                if (share.IsClosed)
                {
                    continue;
                }

                // Somebody in front may have claimed enough for both.
                if (share.TryTake(cost))
                {
                    return (QuotaAnswer.Allowed, share);
                }

                if (share.WasRefused(cost, time, RefusalStands) && share.LeftOf(quota) < cost)
                {
                    return (QuotaAnswer.Refused, share);
                }

                var ahead = Math.Min(quota.Slice, share.LeftOf(quota) / PartOfRest);
                var claim = ClaimOf(quota, share, share.Used, cost + ahead, cost, releases: false);
                if (gate is null || await gate.TryClaimAsync(claim, Patience(quota)).ConfigureAwait(false) is not { } answer)
                {
                    var fallBack = FallBack(quota, share, cost);
                    if (fallBack != QuotaAnswer.Allowed && share.IsClosed)
                    {
                        continue;
                    }

                    return (fallBack, share);
                }

                share.Adopt(answer);
                if (answer.Claimed - claim.Used < cost)
                {
                    share.Refuse(cost, time.GetTimestamp());
                    return (QuotaAnswer.Refused, share);
                }
            }
            finally
            {
                share.Turn.Release();
            }
        }
    }

    private static QuotaAnswer FallBack(Quota quota, QuotaShare share, long cost) => quota.Shared!.WhenUnavailable switch
    {
        RateLimitFallback.Closed => QuotaAnswer.Unavailable,
        RateLimitFallback.Open => share.TryTakeUnclaimed(cost, long.MaxValue) ? QuotaAnswer.Allowed : QuotaAnswer.Unavailable,
        _ => share.TryTakeUnclaimed(cost, quota.Limit) ? QuotaAnswer.Allowed : QuotaAnswer.Refused,
    };

    private SharedQuotaClaim ClaimOf(Quota quota, QuotaShare share, long used, long wanted, long least, bool releases) => new(
        share.Key.Text, _node, share.Window, quota.Older, quota.Limit, used, wanted, least, releases, Later(EndOf(quota, share) - time.GetUtcNow()));

    private static TimeSpan Patience(Quota quota) => quota.Shared!.Timeout;

    private static DateTimeOffset EndOf(Quota quota, QuotaShare share) => quota.StartOf(share.Window + quota.Older + 1);

    private static TimeSpan Later(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    private bool IsPast(QuotaShare share) => time.GetUtcNow() > EndOf(share.Quota, share);

    private QuotaShare Find(Quota quota, string consumer)
    {
        var window = quota.SpanAt(time.GetUtcNow()).Id;
        var key = quota.KeyOf(consumer);
        if (!_shares.TryGetValue(key, out var share))
        {
            if (Count >= maxShares)
            {
                key = quota.KeyOf(Others);
            }

            share = _shares.GetOrAdd(key, Create);
        }

        // A clock that is put back a little goes on in the window that had begun.
        while (share.IsClosed || (share.Window != window && share.Window != window + 1))
        {
            share.Close();
            var known = share.Known.Next(window, quota.Older).Used;
            var next = new QuotaShare(key, quota, window, Math.Max(known, ledger.UsedOf(quota, key, time.GetUtcNow())));
            if (_shares.TryUpdate(key, next, share))
            {
                _past.Enqueue(share);
                return next;
            }

            share = _shares.GetOrAdd(key, Create);
        }

        return share;

        QuotaShare Create(QuotaKey of)
        {
            Interlocked.Increment(ref _count);
            return new QuotaShare(of, quota, window, ledger.UsedOf(quota, of, time.GetUtcNow()));
        }
    }
}
