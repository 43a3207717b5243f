using System.Collections.Concurrent;

namespace Mesh.Client.Tokens;

/// <summary>
/// The tokens of callers, by the hash of the caller's own. Bounded by two generations: when the young one is full it becomes
/// the old one, and who has not called since is forgotten.
/// </summary>
internal sealed class CallerSlots(Func<TokenSlot> create, int capacity = CallerSlots.DefaultCapacity)
{
    // About 2 KB each: 20 MB at most.
    public const int DefaultCapacity = 10_000;

    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<CallerHash, TokenSlot> _young = new();
    private volatile ConcurrentDictionary<CallerHash, TokenSlot> _old = new();
    private int _youngCount;

    /// <summary>How many there are, about.</summary>
    public int Count => _young.Count + _old.Count;

    public TokenSlot Get(CallerToken caller)
    {
        var hash = CallerHash.Of(caller);
        return _young.TryGetValue(hash, out var slot) ? slot : Add(hash);
    }

    // A look-up that comes again while others add is rare: the control path may wait.
    private TokenSlot Add(in CallerHash hash)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(hash, out var known))
            {
                return known;
            }

            var slot = _old.TryRemove(hash, out var old) ? old : create();
            if (_youngCount >= capacity / 2)
            {
                _old = _young;
                _young = new();
                _youngCount = 0;
            }

            _young[hash] = slot;
            _youngCount++;
            return slot;
        }
    }
}
