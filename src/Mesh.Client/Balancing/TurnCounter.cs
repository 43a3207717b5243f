namespace Mesh.Client.Balancing;

/// <summary>
/// Counts turns from a random start. One counter, so that turns are strict, until threads have collided on it often; from
/// then on a counter per few threads, each in strict turns of its own, because nobody can see the order any more and the
/// processors would spend their time passing one cache line around.
/// </summary>
internal sealed class TurnCounter
{
    private const int CollisionsUntilSplit = 1000;
    private const int Stripes = 16;

    // Two cache lines: processors fetch them in pairs.
    private const int Stride = 16;

    // The shared counter is the one before the first stripe.
    private readonly long[] _counters = new long[(Stripes + 2) * Stride];
    private int _collisions;
    private volatile bool _isSplit;

    public TurnCounter(Random random)
    {
        for (var i = 0; i < _counters.Length; i += Stride)
        {
            _counters[i] = random.Next();
        }
    }

    public ulong Next()
    {
        if (_isSplit)
        {
            var stripe = (Environment.CurrentManagedThreadId % Stripes) + 2;
            return (ulong)Interlocked.Increment(ref _counters[stripe * Stride]);
        }

        ref var shared = ref _counters[Stride];
        var seen = Volatile.Read(ref shared);
        return Interlocked.CompareExchange(ref shared, seen + 1, seen) == seen ? (ulong)seen + 1 : Collide(ref shared);
    }

    private ulong Collide(ref long shared)
    {
        if (Interlocked.Increment(ref _collisions) >= CollisionsUntilSplit)
        {
            _isSplit = true;
        }

        return (ulong)Interlocked.Increment(ref shared);
    }
}
