using System.Collections.Concurrent;

namespace Mesh.Server.Authentication;

/// <summary>
/// Remembers validated tokens, because a signature costs 50 to 100 µs. Bounded by two generations: when the young one is
/// full it becomes the old one, and what nobody asked for since is forgotten.
/// </summary>
internal sealed class ValidatedTokenCache(int capacity = ValidatedTokenCache.DefaultCapacity)
{
    // About 3 KB each with claims: 12 MB at most.
    public const int DefaultCapacity = 4096;

    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<TokenHash, ValidatedToken> _young = new();
    private volatile ConcurrentDictionary<TokenHash, ValidatedToken> _old = new();
    private int _youngCount;

    /// <summary>Finds a token that is still fresh at <paramref name="now"/>.</summary>
    public ValidatedToken? Find(in TokenHash hash, DateTimeOffset now)
    {
        var young = _young.TryGetValue(hash, out var token);
        if (!young && !_old.TryGetValue(hash, out token))
        {
            return null;
        }

        if (!token!.IsFresh(now))
        {
            _young.TryRemove(hash, out _);
            _old.TryRemove(hash, out _);
            return null;
        }

        if (!young)
        {
            Add(hash, token);
        }

        return token;
    }

    public void Add(in TokenHash hash, ValidatedToken token)
    {
        _young[hash] = token;
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
