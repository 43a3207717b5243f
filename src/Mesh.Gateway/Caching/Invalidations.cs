namespace Mesh.Gateway.Caching;

/// <summary>
/// When resources were last changed through the gateway (RFC 9111, 4.4). Some share a place: then an answer is fetched once
/// more than it had to be. So it needs no list of what is kept, and an answer that was under way meanwhile is not kept either.
/// </summary>
internal sealed class Invalidations
{
    private const int Places = 4096;

    private readonly long[] _changed = new long[Places];

    public void Mark(string target, DateTimeOffset now)
    {
        ref var place = ref _changed[PlaceOf(target)];
        var seen = Volatile.Read(ref place);
        while (seen < now.UtcTicks)
        {
            var found = Interlocked.CompareExchange(ref place, now.UtcTicks, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    public bool Covers(CacheEntry entry) => Volatile.Read(ref _changed[PlaceOf(entry.Target)]) >= entry.Requested.UtcTicks;

    // Seeded by the runtime, so that nobody can aim at the place of another resource.
    private static int PlaceOf(string target) => target.GetHashCode(StringComparison.Ordinal) & (Places - 1);
}
