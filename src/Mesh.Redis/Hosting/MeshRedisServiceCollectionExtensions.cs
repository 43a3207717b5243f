using Mesh.Configuration;
using Mesh.Hosting;
using Mesh.Limits;
using Mesh.Redis;
using Mesh.Redis.Quotas;
using Mesh.Redis.RateLimits;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets processes share their rate limits and quotas through Redis.</summary>
public static class MeshRedisServiceCollectionExtensions
{
    private const string Subject = "Mesh:Redis";

    /// <summary>
    /// Lets limits and quotas have a section <c>Shared</c>. Options come from the section <c>Mesh:Redis</c>; an
    /// <see cref="IConnectionMultiplexer"/> of the application comes before them. Harmless when called again.
    /// </summary>
    public static IServiceCollection AddMeshRedis(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(RedisConnection)))
        {
            return services;
        }

        services.AddMeshCore();
        services.AddSingleton(ReadOptions);
        services.AddSingleton(static provider => provider.GetService<IConnectionMultiplexer>() is { } existing
            ? new RedisConnection(existing)
            : new RedisConnection(provider.GetRequiredService<MeshRedisOptions>().Parse()));
        services.AddSingleton<IRateLimitStore>(static provider => new RedisRateLimitStore(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<MeshRedisOptions>().Prefix));
        services.AddSingleton<IQuotaStore>(static provider => new RedisQuotaStore(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<MeshRedisOptions>().Prefix));
        services.AddSingleton(static provider => new MeshStartupCheck(Subject, () => _ = provider.GetRequiredService<MeshRedisOptions>()));
        return services;
    }

    /// <summary>The same, with options in code, which win over the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes what the configuration says.</param>
    public static IServiceCollection AddMeshRedis(this IServiceCollection services, Action<MeshRedisOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddMeshRedis().Configure(configure);
    }

    private static MeshRedisOptions ReadOptions(IServiceProvider provider)
    {
        var errors = new ConfigurationErrors();
        var section = provider.GetRequiredService<MeshConfiguration>().Child("Redis");
        var options = ConfigurationReader.Read(section, [.. provider.GetServices<IConfigureOptions<MeshRedisOptions>>()], errors, MeshRedisOptions.Read);
        if (provider.GetService<IConnectionMultiplexer>() is null)
        {
            options.Validate(section?.Path ?? Subject, errors);
        }

        errors.ThrowIfAny(Subject);
        return options;
    }
}
