using System.Collections.Concurrent;

namespace Mesh.Gateway.Usage;

/// <summary>Counts who used what in which day: one lookup and two additions for each request, in bounded memory.</summary>
internal sealed class UsageLedger(JournalQueue journal, int maxEntries)
{
    /// <summary>What stands for consumers and routes beyond the bound.</summary>
    public const string Others = "(others)";

    private readonly ConcurrentDictionary<UsageKey, UsageCounter> _counters = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<UsageCounter> Counters => _counters.Values;

    public void Add(UsageKey key, long cost)
    {
        // Beyond the bound only classes of answers are told apart: at most six a day more.
        var counter = Find(key) ?? Find(new UsageKey(key.Day, Others, Others, key.Status / 100 * 100), always: true)!;
        counter.Add(cost);
        journal.Add(counter);
    }

    /// <summary>Puts in what a journal says.</summary>
    public void Restore(UsageKey key, long requests, long cost) => Find(key, always: key.Consumer == Others)?.Restore(requests, cost);

    /// <summary>Forgets the days before one.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Forget(int before)
    {
        var forgotten = false;
        foreach (var key in _counters.Keys)
        {
            if (key.Day < before && _counters.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _count);
                forgotten = true;
            }
        }

        return forgotten;
    }

    private UsageCounter? Find(UsageKey key, bool always = false)
    {
        if (_counters.TryGetValue(key, out var known))
        {
            return known;
        }

        // Counted before it is added, so that many new ones at once cannot pass the bound together.
        if (Interlocked.Increment(ref _count) > maxEntries && !always)
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        var created = new UsageCounter(key);
        var kept = _counters.GetOrAdd(key, created);
        if (kept != created)
        {
            Interlocked.Decrement(ref _count);
        }

        return kept;
    }
}
