using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Mesh.Server.Authentication.Sessions;

namespace Mesh.Gateway.Login;

/// <summary>
/// Remembers cookies that have been decrypted. Bounded by two generations: when the young one is full it becomes the old one,
/// and what nobody asked for since is forgotten.
/// </summary>
internal sealed class SessionCache
{
    // About 10 KB each: 20 MB at most.
    private const int GenerationCapacity = 1024;

    private volatile ConcurrentDictionary<Key, Known> _young = new();
    private volatile ConcurrentDictionary<Key, Known> _old = new();

    public Known? Find(string cookie)
    {
        var key = new Key(cookie);
        if (_young.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_old.TryGetValue(key, out known))
        {
            Add(key, known);
        }

        return known;
    }

    public void Add(string cookie, Known known) => Add(new Key(cookie), known);

    // Several threads that find it full forget a little more than they need to.
    private void Add(Key key, Known known)
    {
        if (_young.Count >= GenerationCapacity)
        {
            _old = _young;
            _young = new();
        }

        _young[key] = known;
    }

    /// <summary>What a cookie says, in both forms.</summary>
    internal sealed record Known(LoginTicket Ticket, CallerSession Caller);

    /// <summary>SHA-256 of a cookie: whoever reads the memory of the process finds no cookies in it.</summary>
    private readonly record struct Key
    {
        private readonly UInt128 _high;
        private readonly UInt128 _low;

        public Key(string cookie)
        {
            Span<UInt128> hash = stackalloc UInt128[2];
            SHA256.HashData(MemoryMarshal.AsBytes(cookie.AsSpan()), MemoryMarshal.AsBytes(hash));
            _high = hash[0];
            _low = hash[1];
        }
    }
}
