using System.Diagnostics.Metrics;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.State;
using Mesh.Client.Telemetry;
using Mesh.Client.Tokens;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Hosting;
using Mesh.Identity;
using Mesh.State;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the <see cref="HttpClient"/>s of an application join the mesh.</summary>
public static class MeshClientServiceCollectionExtensions
{
    /// <summary>
    /// Lets every <see cref="HttpClient"/> that <c>IHttpClientFactory</c> makes join the mesh, configured by the section
    /// <c>Mesh</c>. Calling it again is harmless.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.AddMeshClient();
    /// builder.Services.AddHttpClient&lt;OrdersClient&gt;(client => client.BaseAddress = new("https://orders"));
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddMeshClient(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshClient();
        return builder;
    }

    /// <inheritdoc cref="AddMeshClient(IHostApplicationBuilder)"/>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IHostApplicationBuilder AddMeshClient(this IHostApplicationBuilder builder, Action<MeshClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshClient(configure);
        return builder;
    }

    /// <inheritdoc cref="AddMeshClient(IHostApplicationBuilder)"/>
    public static IServiceCollection AddMeshClient(this IServiceCollection services) => services.AddMeshClient(static _ => { });

    /// <inheritdoc cref="AddMeshClient(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IServiceCollection AddMeshClient(this IServiceCollection services, Action<MeshClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddMeshClientCore(configure).IncludeAll = true;

        // The factory's two logging handlers cost more per call than the mesh; its own spans and logs stand in for them.
        services.ConfigureHttpClientDefaults(static http => http.RemoveAllLoggers());
        return services;
    }

    /// <summary>Lets this one client join the mesh, in an application whose other clients do not.</summary>
    public static IHttpClientBuilder AddMeshClient(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshClientCore(null).Include(builder.Name);
        return builder.RemoveAllLoggers();
    }

    /// <summary>Takes this client out of the mesh: it is again as <c>IHttpClientFactory</c> makes it.</summary>
    public static IHttpClientBuilder RemoveMesh(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshClientCore(null).Exclude(builder.Name);
        return builder.AddDefaultLogger();
    }

    internal static MeshClientRegistry AddMeshClientCore(this IServiceCollection services, Action<MeshClientOptions>? configure)
    {
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.FirstOrDefault(static service => service.ServiceType == typeof(MeshClientRegistry))?.ImplementationInstance is MeshClientRegistry existing)
        {
            return existing;
        }

        var registry = new MeshClientRegistry();
        services.AddSingleton(registry);
        services.AddMeshCore();
        services.AddHttpClient();
        services.AddMetrics();

        // Discovery wants one, and an application without a host may have none.
        services.TryAddSingleton<IConfiguration>(static _ => new ConfigurationBuilder().Build());
        services.AddServiceDiscoveryCore().AddConfigurationServiceEndpointProvider();

        // First, wherever the application registered Microsoft's: it reads the lists whose entries that one cannot.
        services.Insert(0, ServiceDescriptor.Singleton<IServiceEndpointProviderFactory, ConfiguredServicesProviderFactory>());
        services.AddSingleton(static provider => new MeshStartupCheck("Services", () => ConfiguredServices.Check(
            provider.GetRequiredService<IConfiguration>().GetSection(provider.GetRequiredService<IOptions<ConfigurationServiceEndpointProviderOptions>>().Value.SectionName))));
        services.AddDnsProvider();
        services.AddSingleton(static provider => new MeshClientTelemetry(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton<MirrorLedger>();
        services.AddTokenEndpointClient();
        services.AddSingleton(BuildPolicySource);
        services.AddSingleton(static provider => new ServiceDirectory(
            provider.GetRequiredService<PolicySource<ClientPolicy>>(),
            provider.GetRequiredService<ServiceEndpointResolver>(),
            provider.GetRequiredService<IIdentitySource>(),
            provider.GetRequiredService<MeshClientTelemetry>(),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Client")));
        services.AddSingleton(static provider => new MeshClientState(
            provider.GetRequiredService<ServiceDirectory>(), provider.GetRequiredService<MirrorLedger>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMeshStateSource>(static provider => provider.GetRequiredService<MeshClientState>());
        services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Client", () => provider.GetRequiredService<PolicySource<ClientPolicy>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HttpClientFactoryOptions>, MeshHttpClientSetup>());
        return registry;
    }

    // Its logs at Trace would show what it sends; MeshClientTelemetry and the log of each service tell what becomes of it.
    private static void AddTokenEndpointClient(this IServiceCollection services)
    {
        services.AddSingleton<TokenEndpointClient>();
        services.AddHttpClient(TokenEndpointClient.ClientName)
            .RemoveAllLoggers()
            .ConfigureHttpClient(static client =>
            {
                client.MaxResponseContentBufferSize = TokenEndpointClient.MaxBytes;
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(static (handler, _) => Redirects.Forbid(handler));
    }

    private static PolicySource<ClientPolicy> BuildPolicySource(IServiceProvider provider)
    {
        var section = provider.GetRequiredService<MeshConfiguration>().Child("Client");
        var configures = provider.GetServices<IConfigureOptions<MeshClientOptions>>().ToArray();
        var service = ReadService(provider, out var serviceErrors);
        var time = provider.GetRequiredService<TimeProvider>();
        var context = new ClientPolicy.PolicyContext(service, time, Random.Shared)
        {
            Faults = provider.GetRequiredService<FaultGuard>(),
            Tokens = new AccessTokenCatalog(
                provider.GetServices<IAccessTokenSource>(),
                provider.GetRequiredService<TokenEndpointClient>(),
                provider.GetService<IHostEnvironment>()?.IsDevelopment() == true),
            Balancing = new BalancingContext(service, time, Random.Shared, new PolicyCatalog(provider.GetServices<ILoadBalancingPolicy>())),
        };
        return new PolicySource<ClientPolicy>(section, "Mesh:Client", Build, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Client"));

        ClientPolicy Build()
        {
            var errors = new ConfigurationErrors();
            var options = ConfigurationReader.Read(section, configures, errors, MeshClientOptions.Read);
            var policy = ClientPolicy.Compile(options, section?.Path ?? "Mesh:Client", errors, context);
            return serviceErrors.Count + errors.All.Count == 0
                ? policy
                : throw new MeshConfigurationException("Mesh:Client", [.. serviceErrors, .. errors.All]);
        }
    }

    // A mistake in who this process is must not hide the mistakes in how it calls others.
    private static MeshServiceOptions ReadService(IServiceProvider provider, out IReadOnlyCollection<string> errors)
    {
        try
        {
            errors = [];
            return provider.GetRequiredService<MeshServiceOptions>();
        }
        catch (MeshConfigurationException exception)
        {
            errors = exception.Errors;
            return new MeshServiceOptions();
        }
    }
}
