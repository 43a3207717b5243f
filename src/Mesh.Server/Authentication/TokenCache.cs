using System.Collections.Concurrent;

namespace Mesh.Server.Authentication;

/// <summary>
/// Remembers what was found out about tokens, because a signature costs 50 to 100 µs and a question to an issuer more. Bounded by two generations: when the young one is
/// full it becomes the old one, and what nobody asked for since is forgotten.
/// </summary>
internal sealed class TokenCache<T>(int capacity = TokenCache<T>.DefaultCapacity)
    where T : class, IExpiring
{
    // About 3 KB each with claims: 12 MB at most.
    public const int DefaultCapacity = 4096;

    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<TokenHash, T> _young = new();
    private volatile ConcurrentDictionary<TokenHash, T> _old = new();
    private int _youngCount;

    /// <summary>Finds what still holds at <paramref name="now"/>.</summary>
    public T? Find(in TokenHash hash, DateTimeOffset now)
    {
        var young = _young.TryGetValue(hash, out var entry);
        if (!young && !_old.TryGetValue(hash, out entry))
        {
            return null;
        }

        if (!entry!.IsFresh(now))
        {
            _young.TryRemove(hash, out _);
            _old.TryRemove(hash, out _);
            return null;
        }

        if (!young)
        {
            Add(hash, entry);
        }

        return entry;
    }

    public void Add(in TokenHash hash, T entry)
    {
        _young[hash] = entry;
        if (Interlocked.Increment(ref _youngCount) >= capacity / 2)
        {
            Rotate();
        }
    }

    private void Rotate()
    {
        lock (_lock)
        {
            if (_youngCount >= capacity / 2)
            {
                _old = _young;
                _young = new();
                _youngCount = 0;
            }
        }
    }
}
