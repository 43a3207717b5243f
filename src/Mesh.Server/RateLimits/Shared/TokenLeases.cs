using System.Collections.Concurrent;

namespace Mesh.Server.RateLimits.Shared;

/// <summary>The tokens of one limit that this process has taken ahead, by key.</summary>
internal sealed class TokenLeases : IDisposable
{
    // Beyond it the store is asked for each request of a new key: slower, and never wrong.
    private const int MaxKeys = 100_000;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TokenLease> _leases = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _isSweepDue;
    private int _count;

    public TokenLeases(TimeProvider time)
    {
        _time = time;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static self => ((TokenLeases)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public bool HasRoom => Volatile.Read(ref _count) < MaxKeys;

    /// <summary>Takes tokens that are there already.</summary>
    /// <returns>Where they come from, so that they can be given back; <see langword="null"/> when there are not enough.</returns>
    public TokenLease? Take(string key, int cost)
    {
        if (_leases.TryGetValue(key, out var lease))
        {
            var now = _time.GetTimestamp();
            for (var current = lease; current is not null; current = current.Older)
            {
                if (current.TryTake(cost, now))
                {
                    return current;
                }
            }
        }

        return null;
    }

    /// <summary>Adds tokens that were taken ahead.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="expiresAt">A timestamp: the time to use them begins when they are asked for, because the store counts from then.</param>
    public void Add(string key, int tokens, long expiresAt)
    {
        var now = _time.GetTimestamp();
        while (true)
        {
            if (!_leases.TryGetValue(key, out var known))
            {
                if (_leases.TryAdd(key, new TokenLease(tokens, expiresAt, null)))
                {
                    Interlocked.Increment(ref _count);
                    break;
                }
            }
            else if (_leases.TryUpdate(key, new TokenLease(tokens, expiresAt, known.IsUseless(now) ? null : known), known))
            {
                break;
            }
        }

        if (Interlocked.Exchange(ref _isSweepDue, 1) == 0)
        {
            _timer.Change(SweepInterval, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        Volatile.Write(ref _isSweepDue, 0);
        var now = _time.GetTimestamp();
        foreach (var pair in _leases)
        {
            if (pair.Value.IsUseless(now) && _leases.TryRemove(pair))
            {
                Interlocked.Decrement(ref _count);
            }
        }

        if (!_leases.IsEmpty && Interlocked.Exchange(ref _isSweepDue, 1) == 0)
        {
            _timer.Change(SweepInterval, Timeout.InfiniteTimeSpan);
        }
    }
}
