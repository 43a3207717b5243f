using System.Collections.Concurrent;

namespace Mesh.Client.Pooling;

/// <summary>
/// What calls leave behind for others to take. Deeper than the pools of the runtime's state machines, which hold one for each
/// core: a server begins many calls before the first of them ends.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
internal static class SparePool<T>
    where T : class
{
    private const int MaxPooled = 1024;

    private static readonly ConcurrentQueue<T> Queue = new();
    private static int s_pooled;

    // What one call leaves, the next one on the same thread takes: most of them do without the queue.
    [ThreadStatic]
    private static T? t_spare;

    /// <summary>One that somebody has left, or <see langword="null"/>.</summary>
    public static T? Take()
    {
        if (t_spare is { } spare)
        {
            t_spare = null;
            return spare;
        }

        if (Queue.TryDequeue(out var pooled))
        {
            Interlocked.Decrement(ref s_pooled);
            return pooled;
        }

        return null;
    }

    /// <summary>Leaves one for others.</summary>
    /// <returns>Whether there was room for it.</returns>
    public static bool TryPut(T spare)
    {
        if (t_spare is null)
        {
            t_spare = spare;
            return true;
        }

        if (Interlocked.Increment(ref s_pooled) <= MaxPooled)
        {
            Queue.Enqueue(spare);
            return true;
        }

        Interlocked.Decrement(ref s_pooled);
        return false;
    }
}
