using System.Collections.Concurrent;

namespace Mesh.Gateway.Caching;

/// <summary>
/// Entries by key, bounded in bytes. What goes first is chosen by SIEVE (Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024):
/// a hand goes from the oldest to the newest and takes what nobody has asked for since it came by, so that a scan of pages
/// that are asked for once does not push out what is asked for often. A look-up takes no lock.
/// </summary>
internal sealed class CacheStore
{
    private readonly ConcurrentDictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private Node? _newest;
    private Node? _oldest;
    private Node? _hand;
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public int Count => _nodes.Count;

    public CacheEntry? Find(string key)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            return null;
        }

        node.WasVisited = true;
        return node.Entry;
    }

    /// <summary>Keeps an entry in place of the one under its key, if all of them together leave it room.</summary>
    public void Put(CacheEntry entry, long maxBytes)
    {
        var node = new Node(entry);
        lock (_lock)
        {
            if (_nodes.TryGetValue(entry.Key, out var former))
            {
                node.WasVisited = former.WasVisited;
                Remove(former);
            }

            while (_bytes + node.Size > maxBytes && _oldest is not null)
            {
                Evict();
            }

            if (_bytes + node.Size <= maxBytes)
            {
                Add(node);
            }
        }
    }

    /// <summary>Removes what is chosen.</summary>
    /// <returns>How many.</returns>
    public int RemoveWhere(Func<CacheEntry, bool> choose)
    {
        var removed = 0;
        lock (_lock)
        {
            for (var node = _newest; node is not null;)
            {
                var next = node.Older;
                if (choose(node.Entry))
                {
                    Remove(node);
                    removed++;
                }

                node = next;
            }
        }

        return removed;
    }

    private void Add(Node node)
    {
        node.Older = _newest;
        _newest?.Newer = node;
        _newest = node;
        _oldest ??= node;
        _bytes += node.Size;
        _nodes[node.Entry.Key] = node;
    }

    private void Evict()
    {
        var hand = _hand ?? _oldest!;
        while (hand.WasVisited)
        {
            hand.WasVisited = false;
            hand = hand.Newer ?? _oldest!;
        }

        _hand = hand.Newer;
        Remove(hand);
    }

    private void Remove(Node node)
    {
        if (_hand == node)
        {
            _hand = node.Newer;
        }

        if (node.Newer is { } newer)
        {
            newer.Older = node.Older;
        }
        else
        {
            _newest = node.Older;
        }

        if (node.Older is { } older)
        {
            older.Newer = node.Newer;
        }
        else
        {
            _oldest = node.Newer;
        }

        _bytes -= node.Size;
        _nodes.TryRemove(KeyValuePair.Create(node.Entry.Key, node));
    }

    private sealed class Node(CacheEntry entry)
    {
        public CacheEntry Entry { get; } = entry;

        public long Size { get; } = entry.Size;

        public bool WasVisited { get; set; }

        public Node? Newer { get; set; }

        public Node? Older { get; set; }
    }
}
