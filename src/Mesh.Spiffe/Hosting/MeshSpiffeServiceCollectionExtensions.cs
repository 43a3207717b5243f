using Mesh.Configuration;
using Mesh.Hosting;
using Mesh.Identity;
using Mesh.Spiffe;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Takes this process's identity from the SPIFFE Workload API.</summary>
public static class MeshSpiffeServiceCollectionExtensions
{
    /// <summary>
    /// Lets <c>Mesh:Identity:Source</c> be <c>WorkloadApi</c>, which is also the default outside the Development environment,
    /// and adds <see cref="IJwtSvidSource"/>. Client and server use the identity as any other. Harmless when called again.
    /// </summary>
    /// <remarks>
    /// Options come from the section <c>Mesh:Identity:WorkloadApi</c>; the agent's address, from the environment variable
    /// <c>SPIFFE_ENDPOINT_SOCKET</c>.
    /// </remarks>
    public static IServiceCollection AddMeshSpiffe(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(WorkloadApi)))
        {
            return services;
        }

        services.AddMeshCore();
        services.AddSingleton(static provider => new WorkloadApi(
            provider.GetRequiredService<MeshConfiguration>(),
            provider.GetServices<IConfigureOptions<WorkloadApiOptions>>()));
        services.AddSingleton<ChosenSource>();
        services.AddSingleton(new IdentitySourceFactory(IdentitySourceKind.WorkloadApi, CreateSource));
        services.AddSingleton<IJwtSvidSource>(static provider =>
        {
            var api = provider.GetRequiredService<WorkloadApi>();
            return new WorkloadApiJwtSource(api.Channel, api.Options, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Identity:WorkloadApi", static () => { })
        {
            Prepare = cancellationToken =>
            {
                _ = provider.GetRequiredService<IIdentitySource>();
                return provider.GetRequiredService<ChosenSource>().Source?.WaitForFirstAsync(cancellationToken) ?? Task.CompletedTask;
            },
        });
        return services;
    }

    /// <summary>The same, with options in code, which win over the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes what the configuration says.</param>
    public static IServiceCollection AddMeshSpiffe(this IServiceCollection services, Action<WorkloadApiOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddMeshSpiffe().Configure(configure);
    }

    private static WorkloadApiIdentitySource CreateSource(IServiceProvider provider)
    {
        var api = provider.GetRequiredService<WorkloadApi>();
        return provider.GetRequiredService<ChosenSource>().Source = new WorkloadApiIdentitySource(
            api.Channel,
            api.Options,
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared,
            provider.GetService<ILoggerFactory>()?.CreateLogger("Mesh.Spiffe") ?? NullLogger.Instance);
    }
}
