using Mesh.Configuration;

namespace Mesh.Routing.Caching;

/// <summary>Which responses are kept and given to other callers, by RFC 9111.</summary>
public sealed class CacheOptions
{
    /// <summary>How long a response to a GET is fresh that says nothing about it itself: 0 to 365 days.</summary>
    /// <value>Default 0: only what a service declares fresh is kept.</value>
    public TimeSpan DefaultTtl { get; set; }

    /// <summary>
    /// Whether callers may ask past the cache (<c>Cache-Control: no-cache</c>, <c>max-age</c>, <c>min-fresh</c>,
    /// <c>only-if-cached</c>): then anybody can send every request to the service.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool HonorRequestDirectives { get; set; }

    internal static void Read(ConfigurationReader reader, CacheOptions options)
    {
        options.DefaultTtl = reader.Duration(nameof(DefaultTtl)) ?? options.DefaultTtl;
        options.HonorRequestDirectives = reader.Boolean(nameof(HonorRequestDirectives)) ?? options.HonorRequestDirectives;
    }
}
