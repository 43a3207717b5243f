using System.Collections.Concurrent;
using Mesh.Gateway.Usage;

namespace Mesh.Gateway.Quotas;

/// <summary>What every consumer has used of its quotas, in the memory of this process; the journal keeps it beyond that.</summary>
/// <param name="journal">Where changes are noted.</param>
/// <param name="maxAccounts">How many consumers and quotas have an account of their own. Those beyond share one for each quota.</param>
internal sealed class QuotaLedger(JournalQueue journal, int maxAccounts = QuotaLedger.DefaultMaxAccounts)
{
    public const int DefaultMaxAccounts = 200_000;

    // No consumer has this name.
    private const string Others = "(others)";

    private readonly ConcurrentDictionary<QuotaKey, QuotaAccount> _accounts = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<QuotaAccount> Accounts => _accounts.Values;

    /// <summary>Takes the cost of every quota, or of none.</summary>
    /// <param name="quotas">The quotas of the consumer's plan.</param>
    /// <param name="consumer">The consumer.</param>
    /// <param name="cost">What the request costs.</param>
    /// <param name="now">This moment.</param>
    /// <param name="results">The answer of each quota, as many as <paramref name="quotas"/>.</param>
    public bool TryCharge(ReadOnlySpan<Quota> quotas, string consumer, long cost, DateTimeOffset now, Span<QuotaResult> results)
    {
        if (quotas.IsEmpty)
        {
            return true;
        }

        var quota = quotas[0];
        var span = quota.SpanAt(now);
        var account = Charge(quota, consumer, cost, quota.Limit, span, out var frame, out var allowed);
        if (!allowed)
        {
            // Who asks for more than is left is told about all the quotas that refuse.
            results[0] = Describe(quota, frame, cost, now, allowed: false);
            for (var i = 1; i < quotas.Length; i++)
            {
                results[i] = Peek(quotas[i], consumer, cost, now);
            }

            return false;
        }

        if (TryCharge(quotas[1..], consumer, cost, now, results[1..]))
        {
            journal.Add(account);
            results[0] = Describe(quota, frame, cost, now, allowed: true);
            return true;
        }

        frame.Refund(cost);
        journal.Add(account);
        results[0] = Describe(quota, frame, cost, now, frame.Used <= quota.Limit - cost);
        return false;
    }

    /// <summary>Counts what another one has allowed, so that the journal knows it.</summary>
    public void Note(Quota quota, string consumer, long cost, DateTimeOffset now) =>
        journal.Add(Charge(quota, consumer, cost, long.MaxValue, quota.SpanAt(now), out _, out _));

    /// <summary>What was used of a quota in the windows that count.</summary>
    public long UsedOf(Quota quota, QuotaKey key, DateTimeOffset now) =>
        _accounts.TryGetValue(key, out var account) && account.FrameOf(quota.SpanAt(now).Id, quota.Older) is { } frame ? frame.Used : 0;

    /// <summary>Puts in what a journal says.</summary>
    public void Restore(QuotaKey key, QuotaFrame frame) => Find(key)?.Restore(frame);

    /// <summary>Forgets the accounts whose windows are past.</summary>
    public void Sweep(DateTimeOffset now)
    {
        foreach (var account in _accounts.Values)
        {
            if (account.TryRetire(now) && _accounts.TryRemove(KeyValuePair.Create(account.Key, account)))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private QuotaAccount Charge(Quota quota, string consumer, long cost, long limit, QuotaSpan span, out QuotaFrame frame, out bool allowed)
    {
        while (true)
        {
            var account = Find(quota.KeyOf(consumer)) ?? Find(quota.KeyOf(Others), always: true)!;
            if (account.FrameOf(span.Id, quota.Older) is not { } open)
            {
                Remove(account);
                continue;
            }

            allowed = open.TryCharge(cost, limit);
            if (!allowed && open.IsClosed)
            {
                continue;
            }

            frame = open;
            return account;
        }
    }

    /// <summary>What a quota would say, without charging it.</summary>
    public QuotaResult Peek(Quota quota, string consumer, long cost, DateTimeOffset now)
    {
        var frame = _accounts.TryGetValue(quota.KeyOf(consumer), out var account) ? account.FrameOf(quota.SpanAt(now).Id, quota.Older) : null;
        frame ??= new QuotaFrame(quota.SpanAt(now).Id, 0, []);
        return Describe(quota, frame, cost, now, frame.Used <= quota.Limit - cost);
    }

    private static QuotaResult Describe(Quota quota, QuotaFrame frame, long cost, DateTimeOffset now, bool allowed) => new(
        allowed,
        Math.Max(0, quota.Limit - frame.Used),
        allowed ? TimeSpan.Zero : quota.StartOf(frame.FitsIn(cost, quota.Limit)) - now,
        quota.StartOf(frame.Window + quota.Older + 1) - now);

    private QuotaAccount? Find(QuotaKey key, bool always = false)
    {
        if (_accounts.TryGetValue(key, out var known))
        {
            return known;
        }

        // Counted before it is added, so that many new ones at once cannot pass the bound together.
        if (Interlocked.Increment(ref _count) > maxAccounts && !always)
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        var created = new QuotaAccount(key);
        var kept = _accounts.GetOrAdd(key, created);
        if (kept != created)
        {
            Interlocked.Decrement(ref _count);
        }

        return kept;
    }

    // Whoever retires it removes it too, but perhaps later than now.
    private void Remove(QuotaAccount account)
    {
        if (_accounts.TryRemove(KeyValuePair.Create(account.Key, account)))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
