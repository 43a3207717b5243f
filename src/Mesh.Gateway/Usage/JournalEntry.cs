namespace Mesh.Gateway.Usage;

/// <summary>Something whose present value belongs into the journal when it has changed.</summary>
internal abstract class JournalEntry
{
    private int _waits;

    /// <summary>Writes its present value: a later record replaces an earlier one.</summary>
    public abstract void Write(JournalWriter writer);

    /// <returns>Whether it was not waiting to be written already.</returns>
    public bool TryWait() => Volatile.Read(ref _waits) == 0 && Interlocked.Exchange(ref _waits, 1) == 0;

    /// <summary>Called before its value is read, so that what changes from then on lets it wait again.</summary>
    public void Leave() => Interlocked.Exchange(ref _waits, 0);
}
