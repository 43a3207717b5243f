using Mesh.Configuration;
using Mesh.Routing;

namespace Mesh.Gateway.Caching;

/// <summary>How much may be kept: a compiled <see cref="CacheStoreOptions"/>.</summary>
internal sealed record CacheLimits(long MaxBytes, int MaxEntryBytes)
{
    private const long Most = 1L << 40;
    private const int MostOfOne = 1 << 30;

    /// <returns><see langword="null"/> when no rule keeps anything.</returns>
    public static CacheLimits? Compile(CacheStoreOptions options, RouteTable routes, string path, ConfigurationErrors errors)
    {
        if (options.MaxBytes is < 0 or > Most)
        {
            errors.Add($"{path}:{nameof(options.MaxBytes)}", options.MaxBytes, $"a whole number from 0 to {Most}");
        }

        if (options.MaxEntryBytes is < 0 or > MostOfOne)
        {
            errors.Add($"{path}:{nameof(options.MaxEntryBytes)}", options.MaxEntryBytes, $"a whole number from 0 to {MostOfOne}");
        }

        foreach (var rule in routes.Rules)
        {
            if (rule.Cache is not null)
            {
                return new CacheLimits(options.MaxBytes, options.MaxEntryBytes);
            }
        }

        return null;
    }
}
