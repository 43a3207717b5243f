namespace Mesh.Client.Mirroring;

/// <summary>How many copies are under way in this process, and what became of the others.</summary>
internal sealed class MirrorLedger
{
    private int _active;
    private long _sent;
    private long _dropped;
    private long _tooLarge;

    public int Active => Volatile.Read(ref _active);

    /// <summary>Copies that were begun.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Copies that were not made because too many were under way.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Copies that were not made because of the size of the body.</summary>
    public long TooLarge => Interlocked.Read(ref _tooLarge);

    public bool TryBegin(int limit)
    {
        if (Interlocked.Increment(ref _active) <= limit)
        {
            Interlocked.Increment(ref _sent);
            return true;
        }

        Interlocked.Decrement(ref _active);
        Interlocked.Increment(ref _dropped);
        return false;
    }

    public void End() => Interlocked.Decrement(ref _active);

    public void CountTooLarge() => Interlocked.Increment(ref _tooLarge);
}
