using Mesh.Configuration;

namespace Mesh.Routing.Caching;

/// <summary>A compiled cache filter. Immutable.</summary>
public sealed class RouteCache
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private RouteCache(CacheOptions options) => (DefaultTtl, HonorsRequestDirectives) = (options.DefaultTtl, options.HonorRequestDirectives);

    /// <summary>How long a response is fresh that says nothing about it; 0 when it is not kept.</summary>
    public TimeSpan DefaultTtl { get; }

    /// <summary>Whether callers may ask past the cache.</summary>
    public bool HonorsRequestDirectives { get; }

    internal static RouteCache Compile(CacheOptions options, string path, ConfigurationErrors errors)
    {
        if (options.DefaultTtl < TimeSpan.Zero || options.DefaultTtl > Longest)
        {
            errors.Add($"{path}:{nameof(options.DefaultTtl)}", options.DefaultTtl, $"0 to {Longest.TotalDays:0} days");
        }

        return new RouteCache(options);
    }
}
