namespace Mesh.Gateway.Usage;

/// <summary>How many requests there were of one kind, and what they cost.</summary>
internal sealed class UsageCounter(UsageKey key) : JournalEntry
{
    private long _requests;
    private long _cost;

    public UsageKey Key { get; } = key;

    public long Requests => Volatile.Read(ref _requests);

    public long Cost => Volatile.Read(ref _cost);

    public void Add(long cost)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _cost, cost);
    }

    public void Restore(long requests, long cost)
    {
        Volatile.Write(ref _requests, requests);
        Volatile.Write(ref _cost, cost);
    }

    public override void Write(JournalWriter writer) => writer.WriteUsage(Key, Requests, Cost);
}
