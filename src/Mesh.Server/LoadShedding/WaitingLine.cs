namespace Mesh.Server.LoadShedding;

/// <summary>The requests that wait for their turn, by criticality. Under the lock of its limiter.</summary>
/// <remarks>
/// The most critical goes first, and takes the place of the least critical where the line is full. In one level the oldest
/// goes first; once its line has not been empty for a while, the newest: the oldest would only just miss its caller
/// (adaptive LIFO, Maurer, "Fail at Scale", 2015). Each level has a line of its own: that there is too much of the least
/// critical says nothing about the others.
/// </remarks>
internal sealed class WaitingLine
{
    public const int Levels = 4;

    private readonly LinkedList<Waiter>[] _levels = [new(), new(), new(), new()];
    private readonly long[] _busySince = new long[Levels];

    public int Count { get; private set; }

    /// <summary>How long the line of a level has not been empty.</summary>
    public long BusyFor(int level, long now) => _levels[level].Count == 0 ? 0 : now - _busySince[level];

    public void Add(Waiter waiter, int level, long now)
    {
        if (_levels[level].Count == 0)
        {
            _busySince[level] = now;
        }

        Count++;
        _levels[level].AddLast(waiter);
    }

    /// <summary>Takes out the least critical one that is less critical than a newcomer; <see langword="null"/> when there is none.</summary>
    public Waiter? Displace(int level)
    {
        for (var lower = 0; lower < level; lower++)
        {
            if (_levels[lower].First is { } oldest)
            {
                Remove(_levels[lower], oldest);
                return oldest.Value;
            }
        }

        return null;
    }

    /// <summary>Takes out the next whose turn it is.</summary>
    /// <param name="now">The time.</param>
    /// <param name="overloadedAfter">How long a line must not have been empty for its newest to go first.</param>
    public Waiter? Next(long now, long overloadedAfter)
    {
        for (var level = Levels - 1; level >= 0; level--)
        {
            if ((BusyFor(level, now) > overloadedAfter ? _levels[level].Last : _levels[level].First) is { } next)
            {
                Remove(_levels[level], next);
                return next.Value;
            }
        }

        return null;
    }

    /// <summary>Takes out one whose time is up; <see langword="null"/> when there is none.</summary>
    public Waiter? Expired(long now)
    {
        foreach (var level in _levels)
        {
            for (var node = level.First; node is not null; node = node.Next)
            {
                if (now >= node.Value.Expires)
                {
                    Remove(level, node);
                    return node.Value;
                }
            }
        }

        return null;
    }

    /// <summary>Takes one out whose caller has gone.</summary>
    public bool Remove(Waiter waiter)
    {
        foreach (var level in _levels)
        {
            if (level.Find(waiter) is { } node)
            {
                Remove(level, node);
                return true;
            }
        }

        return false;
    }

    private void Remove(LinkedList<Waiter> level, LinkedListNode<Waiter> node)
    {
        level.Remove(node);
        Count--;
    }
}
