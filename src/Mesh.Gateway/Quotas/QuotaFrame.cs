namespace Mesh.Gateway.Quotas;

/// <summary>
/// What a consumer has used of a quota in one window, and in the windows before it that still count. It can be closed: what it
/// holds then is final, and nobody counts in it any more.
/// </summary>
internal sealed class QuotaFrame
{
    private readonly long[] _older;
    private readonly long _olderSum;

    // When closed: the complement of what was used, which is below 0.
    private long _used;

    /// <param name="window">The number of the window.</param>
    /// <param name="used">What was used in it.</param>
    /// <param name="older">What was used in the windows before it, the newest first.</param>
    public QuotaFrame(long window, long used, long[] older)
    {
        Window = window;
        _used = used;
        _older = older;
        foreach (var one in older)
        {
            _olderSum += one;
        }
    }

    public long Window { get; }

    /// <summary>What was used in this window.</summary>
    public long UsedHere => Volatile.Read(ref _used) is var used && used < 0 ? ~used : used;

    /// <summary>What was used in all the windows that count.</summary>
    public long Used => _olderSum + UsedHere;

    public ReadOnlySpan<long> Older => _older;

    /// <summary>Whether it was closed, and the next frame counts.</summary>
    public bool IsClosed => Volatile.Read(ref _used) < 0;

    /// <summary>Takes the cost, if the limit leaves room for it and the frame is open.</summary>
    public bool TryCharge(long cost, long limit)
    {
        var used = Volatile.Read(ref _used);
        while (used >= 0 && used + _olderSum <= limit - cost)
        {
            var seen = Interlocked.CompareExchange(ref _used, used + cost, used);
            if (seen == used)
            {
                return true;
            }

            used = seen;
        }

        return false;
    }

    /// <summary>Gives back what was taken; what was taken from a frame that is closed by now is gone.</summary>
    public void Refund(long cost)
    {
        var used = Volatile.Read(ref _used);
        while (used >= cost)
        {
            var seen = Interlocked.CompareExchange(ref _used, used - cost, used);
            if (seen == used)
            {
                return;
            }

            used = seen;
        }
    }

    public void Close()
    {
        var used = Volatile.Read(ref _used);
        while (used >= 0)
        {
            used = Interlocked.CompareExchange(ref _used, ~used, used);
        }
    }

    /// <summary>The frame that follows on this one, which is closed.</summary>
    public QuotaFrame Next(long window, int older)
    {
        var moved = new long[older];
        var distance = window - Window;
        if (distance > 0 && distance <= older)
        {
            moved[distance - 1] = UsedHere;
            _older.AsSpan(0, (int)Math.Min(_older.Length, older - distance)).CopyTo(moved.AsSpan((int)distance));
        }

        return new QuotaFrame(window, 0, moved);
    }

    /// <summary>
    /// The window in which a cost that does not fit now fits, when nothing else is used: the first one that has forgotten enough.
    /// </summary>
    public long FitsIn(long cost, long limit)
    {
        // The oldest leaves first, with the next window; the present one leaves last.
        var left = Used;
        for (var i = _older.Length - 1; i >= 0; i--)
        {
            left -= _older[i];
            if (left <= limit - cost)
            {
                return Window + _older.Length - i;
            }
        }

        return Window + _older.Length + 1;
    }
}
