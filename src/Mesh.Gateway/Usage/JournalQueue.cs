using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Mesh.Gateway.Usage;

/// <summary>What has changed since the journal was written. Each entry waits once, however often it changes.</summary>
/// <param name="isKept">Whether there is a journal; nothing waits otherwise.</param>
internal sealed class JournalQueue(bool isKept)
{
    private readonly ConcurrentQueue<JournalEntry> _entries = new();

    public bool IsEmpty => _entries.IsEmpty;

    public void Add(JournalEntry entry)
    {
        if (isKept && entry.TryWait())
        {
            _entries.Enqueue(entry);
        }
    }

    public bool TryTake([NotNullWhen(true)] out JournalEntry? entry)
    {
        if (!_entries.TryDequeue(out entry))
        {
            return false;
        }

        entry.Leave();
        return true;
    }
}
