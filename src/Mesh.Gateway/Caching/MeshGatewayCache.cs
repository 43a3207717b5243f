namespace Mesh.Gateway.Caching;

/// <summary>The responses that rules with a filter <c>Cache</c> keep, to look at and to empty. One per application, in its services.</summary>
/// <example>
/// <code>
/// app.MapPost("/published", (MeshGatewayCache cache) => cache.Purge("shop.example", "/catalog"));
/// </code>
/// </example>
public sealed class MeshGatewayCache
{
    private long _hits;
    private long _misses;

    internal MeshGatewayCache()
    {
    }

    /// <summary>How many responses, and notes about resources, are kept.</summary>
    public int Count => Store.Count;

    /// <summary>What they take, in bytes, by estimate.</summary>
    public long Bytes => Store.Bytes;

    /// <summary>How many requests were answered from it since the start, stale answers and 304 of its own included.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>How many requests of its rules went to a service since the start.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    internal CacheStore Store { get; } = new();

    /// <summary>Forgets everything that is kept.</summary>
    public void Clear() => Store.RemoveWhere(static _ => true);

    /// <summary>Forgets the responses of a host below a path.</summary>
    /// <param name="host">The host as callers write it, with the port where they do; case does not count.</param>
    /// <param name="pathPrefix">The beginning of the path, escaped as in a URL: <c>/catalog</c> is also <c>/catalog/1</c> and <c>/catalogue</c>.</param>
    /// <returns>How many were kept.</returns>
    public int Purge(string host, string pathPrefix)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(pathPrefix);
        var prefix = $"{host.ToLowerInvariant()}\n{pathPrefix}";
        return Store.RemoveWhere(entry => entry.Target.StartsWith(prefix, StringComparison.Ordinal));
    }

    internal void CountHit() => Interlocked.Increment(ref _hits);

    internal void CountMiss() => Interlocked.Increment(ref _misses);
}
