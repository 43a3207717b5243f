using System.Numerics;

namespace Mesh.Limits;

/// <summary>A part of a limiter's keys, which grows and shrinks by itself: requests to known keys never wait for it.</summary>
internal sealed class RateLimitStripe
{
    private const int MinCapacity = 16;

    private volatile RateLimitSlots _current = new(MinCapacity, MinCapacity / 8 * 7);
    private int _isMoving;

    /// <summary>Takes tokens of a key, if it has them.</summary>
    /// <returns><see langword="false"/> when the key is new and <paramref name="table"/> has no room for one more.</returns>
    public bool TryCharge(ulong key, RateLimiterTable table, RateLimitPace pace, int cost, out RateLimitResult result, out long now)
    {
        var slots = _current;
        while (true)
        {
            var outcome = slots.Find(key, out var index);
            if (outcome == RateLimitSlots.Outcome.Absent)
            {
                if (!table.TryCountKey())
                {
                    (result, now) = (default, 0);
                    return false;
                }

                outcome = slots.FindOrAdd(key, out index, out var added);
                if (!added)
                {
                    table.UncountKeys(1);
                }
                else if (slots.IsCrowded)
                {
                    Rebuild(table, pace, always: true);
                }
            }

            switch (outcome)
            {
                case RateLimitSlots.Outcome.Moved:
                    slots = slots.Next!;
                    continue;
                case RateLimitSlots.Outcome.Full:
                    // Only while a generation is being moved into: it has more room in a moment.
                    Rebuild(table, pace, always: true);
                    Thread.Yield();
                    slots = _current;
                    continue;
                default:
                    break;
            }

            if (TryCharge(ref slots.State(index), table, pace, cost, out result, out now))
            {
                return true;
            }

            slots = slots.Next!;
        }
    }

    /// <summary>What a key holds, with nothing taken.</summary>
    /// <returns><see langword="false"/> when it is not known.</returns>
    public bool TryPeek(ulong key, RateLimitPace pace, long now, int cost, out RateLimitResult result)
    {
        for (var slots = _current; slots is not null; slots = slots.Next)
        {
            var outcome = slots.Find(key, out var index);
            if (outcome == RateLimitSlots.Outcome.Absent)
            {
                break;
            }

            if (outcome == RateLimitSlots.Outcome.Found && Volatile.Read(ref slots.State(index)) is var state and not RateLimitPace.Moved)
            {
                result = pace.Peek(state, now, cost);
                return true;
            }
        }

        result = default;
        return false;
    }

    /// <summary>Gives tokens back. A key that is forgotten by now has all of them.</summary>
    public void Refund(ulong key, RateLimitPace pace, long acquired, long now, int cost)
    {
        for (var slots = _current; slots is not null; slots = slots.Next)
        {
            var outcome = slots.Find(key, out var index);
            if (outcome == RateLimitSlots.Outcome.Absent
                || (outcome == RateLimitSlots.Outcome.Found && TryRefund(ref slots.State(index), pace, acquired, now, cost)))
            {
                return;
            }
        }
    }

    /// <summary>Forgets keys that are not in use, when there are enough of them or room is needed.</summary>
    public void Sweep(RateLimiterTable table, RateLimitPace pace, bool always) => Rebuild(table, pace, always: false, sweepsAll: always);

    /// <summary>Takes tokens of one word.</summary>
    /// <returns><see langword="false"/> when the word has moved.</returns>
    public static bool TryCharge(ref long word, RateLimiterTable table, RateLimitPace pace, int cost, out RateLimitResult result, out long now)
    {
        var seen = Volatile.Read(ref word);
        while (seen != RateLimitPace.Moved)
        {
            // After the word was read: by an older clock, a word that the sweep has just cleared would be a full bucket of the past.
            now = table.Now();
            if (!pace.TryCharge(seen, now, cost, out var next, out result))
            {
                return true;
            }

            var before = Interlocked.CompareExchange(ref word, next, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        (result, now) = (default, 0);
        return false;
    }

    /// <summary>Gives tokens back to one word.</summary>
    /// <returns><see langword="false"/> when the word has moved.</returns>
    public static bool TryRefund(ref long word, RateLimitPace pace, long acquired, long now, int cost)
    {
        var seen = Volatile.Read(ref word);
        while (seen != RateLimitPace.Moved)
        {
            var before = Interlocked.CompareExchange(ref word, pace.Refund(seen, acquired, now, cost), seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    private void Rebuild(RateLimiterTable table, RateLimitPace pace, bool always, bool sweepsAll = false)
    {
        // Whoever is not first goes on: what it wants is being done.
        if (Interlocked.Exchange(ref _isMoving, 1) == 1)
        {
            return;
        }

        try
        {
            var slots = _current;
            var now = table.Now();
            var used = slots.Used;
            var inUse = slots.CountInUse(pace, now);
            var unused = used - inUse;
            if ((always && slots.IsCrowded) || (sweepsAll && unused > 0) || unused > used / 4)
            {
                // At most half full, so that there is room for what comes while keys are moved, and for some time.
                var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MinCapacity, 2 * (inUse + 1)));
                var next = new RateLimitSlots(capacity, room: capacity / 4 * 3);
                table.UncountKeys(slots.MoveTo(next, pace, now));
                _current = next;
            }
        }
        finally
        {
            Volatile.Write(ref _isMoving, 0);
        }
    }
}
