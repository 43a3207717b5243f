using System.Numerics;

namespace Mesh.Limits;

/// <summary>
/// One generation of a stripe's keys: a table of open addressing with linear probing, 16 bytes for each slot. Keys are added
/// by compare-and-swap and never taken out; a stripe makes room by moving what is in use into a next generation.
/// </summary>
internal sealed class RateLimitSlots
{
    // What is not found here may be in the next generation: empty slots are closed before keys are moved, so that nothing is
    // added behind the mover's back.
    private const ulong Closed = ulong.MaxValue;

    private readonly Slot[] _slots;
    private readonly int _mask;
    private int _used;
    private volatile int _room;

    /// <param name="capacity">A power of 2.</param>
    /// <param name="room">How many keys may be added besides those that are moved in.</param>
    public RateLimitSlots(int capacity, int room)
    {
        _slots = new Slot[capacity];
        _mask = capacity - 1;
        _room = room;
    }

    /// <summary>What became of a look-up.</summary>
    public enum Outcome
    {
        Found,
        Absent,
        Moved,
        Full,
    }

    /// <summary>The generation that this one is moved into.</summary>
    public RateLimitSlots? Next { get; private set; }

    public int Capacity => _slots.Length;

    public int Used => Volatile.Read(ref _used);

    public bool IsCrowded => Used > Capacity / 4 * 3;

    public ref long State(int index) => ref _slots[index].State;

    /// <summary>Finds a key.</summary>
    public Outcome Find(ulong key, out int index)
    {
        for (index = Start(key); ; index = (index + 1) & _mask)
        {
            var there = Volatile.Read(ref _slots[index].Key);
            if (there == key)
            {
                return Outcome.Found;
            }

            if (there is 0 or Closed)
            {
                return there == 0 ? Outcome.Absent : Outcome.Moved;
            }
        }
    }

    /// <summary>Finds a key, or adds it.</summary>
    public Outcome FindOrAdd(ulong key, out int index, out bool added)
    {
        added = false;
        for (index = Start(key); ; index = (index + 1) & _mask)
        {
            var there = Volatile.Read(ref _slots[index].Key);
            if (there == 0)
            {
                if (Interlocked.Increment(ref _used) > _room)
                {
                    Interlocked.Decrement(ref _used);
                    return Outcome.Full;
                }

                there = Interlocked.CompareExchange(ref _slots[index].Key, key, 0);
                if (there == 0)
                {
                    added = true;
                    return Outcome.Found;
                }

                Interlocked.Decrement(ref _used);
            }

            if (there == key)
            {
                return Outcome.Found;
            }

            if (there == Closed)
            {
                return Outcome.Moved;
            }
        }
    }

    /// <summary>How many keys are in use; those that are not are put back to their beginning, so that none grows so old that its state would be read wrongly.</summary>
    public int CountInUse(RateLimitPace pace, long now)
    {
        var count = 0;
        for (var i = 0; i < _slots.Length; i++)
        {
            var state = Volatile.Read(ref _slots[i].State);
            if (_slots[i].Key is not (0 or Closed) && !pace.IsUnused(state, now))
            {
                count++;
            }
            else if (state is not (0 or RateLimitPace.Moved))
            {
                Interlocked.CompareExchange(ref _slots[i].State, 0, state);
            }
        }

        return count;
    }

    /// <summary>Moves the keys in use to another generation while others go on using them. Called by one thread at a time.</summary>
    /// <returns>How many keys were left behind.</returns>
    public int MoveTo(RateLimitSlots next, RateLimitPace pace, long now)
    {
        var left = 0;
        Next = next;
        Thread.MemoryBarrier();
        for (var i = 0; i < _slots.Length; i++)
        {
            var key = Interlocked.CompareExchange(ref _slots[i].Key, Closed, 0);
            if (key != 0 && !next.TakeOver(key, ref _slots[i].State, pace, now))
            {
                left++;
            }
        }

        next._room = next.Capacity / 8 * 7;
        return left;
    }

    // A new state is in place before the old one says that it has moved: until then nobody else looks for it here.
    private bool TakeOver(ulong key, ref long old, RateLimitPace pace, long now)
    {
        var index = -1;
        while (true)
        {
            var state = Volatile.Read(ref old);
            if (index < 0 && pace.IsUnused(state, now))
            {
                if (Interlocked.CompareExchange(ref old, RateLimitPace.Moved, state) == state)
                {
                    return false;
                }

                continue;
            }

            if (index < 0)
            {
                index = Claim(key);
            }

            Volatile.Write(ref _slots[index].State, state);
            if (Interlocked.CompareExchange(ref old, RateLimitPace.Moved, state) == state)
            {
                return true;
            }
        }
    }

    private int Claim(ulong key)
    {
        Interlocked.Increment(ref _used);
        var index = Start(key);
        while (Interlocked.CompareExchange(ref _slots[index].Key, key, 0) != 0)
        {
            index = (index + 1) & _mask;
        }

        return index;
    }

    // The lower bits choose the stripe.
    private int Start(ulong key) => (int)(BitOperations.RotateLeft(key, 32) & (ulong)_mask);

    private struct Slot
    {
        public ulong Key;
        public long State;
    }
}
