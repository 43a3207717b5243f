using Mesh.Server.Tls;
using Mesh.Client.State;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Gateway;
using Mesh.Gateway.Auth.Tokens;
using Mesh.Gateway.Caching;
using Mesh.Gateway.CodeRoutes;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Forwarding;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Hosting;
using Mesh.Gateway.Login;
using Mesh.Gateway.Manifests;
using Mesh.Gateway.Pages;
using Mesh.Gateway.Routing;
using Mesh.Gateway.State;
using Mesh.Hosting;
using Mesh.Identity;
using Mesh.Limits;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Mesh.State;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes an application an API gateway.</summary>
public static class MeshGatewayServiceCollectionExtensions
{
    /// <summary>
    /// Adds the gateway: routes of the section <c>Mesh:Gateway</c>, the policies of <c>Mesh:Server</c> at the edge, and the
    /// mesh client for the calls behind it. Calling it again is harmless.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.AddMeshGateway();
    /// var app = builder.Build();
    /// app.MapMeshGateway();
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddMeshGateway(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshGateway();
        return builder;
    }

    /// <inheritdoc cref="AddMeshGateway(IHostApplicationBuilder)"/>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Changes the options after the configuration was read, at start and at each reload.</param>
    public static IHostApplicationBuilder AddMeshGateway(this IHostApplicationBuilder builder, Action<MeshGatewayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshGateway(configure);
        return builder;
    }

    /// <inheritdoc cref="AddMeshGateway(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Changes the options after the configuration was read, at start and at each reload.</param>
    public static IServiceCollection AddMeshGateway(this IServiceCollection services, Action<MeshGatewayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(configure);
        return services.AddMeshGateway();
    }

    /// <inheritdoc cref="AddMeshGateway(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddMeshGateway(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(GatewayEndpoint)))
        {
            return services;
        }

        services.AddMeshServer();

        // In front of the application's own changes to the options, which have the last word.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<MeshServerOptions>, EdgeDefaults>());
        services.AddHttpClient(GatewayForwarder.ClientName).AddMeshClient();
        services.AddHttpForwarder();

        // It writes lines with whole URLs for each request; the gateway says at Debug what failed. In front, so that an application can bring them back.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<LoggerFilterOptions>>(
            new ConfigureOptions<LoggerFilterOptions>(static options => options.AddFilter(typeof(IHttpForwarder).Namespace, LogLevel.Error))));
        services.AddSingleton<IMeshStateSource, MeshGatewayState>();
        services.AddGatewayConsumers();
        services.AddSingleton<InternalTokenRegistry>();
        services.AddSingleton(static provider => new ManifestFolder(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new PageWatch(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CodeRouteCollection>();
        services.AddSingleton(BuildPolicySource);

        // For what is made before the start-up checks have run.
        services.AddSingleton(static provider => new Lazy<PolicySource<GatewayPolicy>>(provider.GetRequiredService<PolicySource<GatewayPolicy>>));
        services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Gateway", () => provider.GetRequiredService<PolicySource<GatewayPolicy>>()));
        services.AddSingleton(static provider => new GatewayForwarder(
            provider.GetRequiredService<IHttpForwarder>(),
            provider.GetRequiredService<IHttpMessageHandlerFactory>(),
            provider.GetRequiredService<MeshClientState>(),
            provider.GetRequiredService<MeshServiceOptions>(),
            provider.GetService<SessionForwarding>(),
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Gateway")));
        services.AddSingleton(static provider => new EdgeGuard(provider.GetRequiredService<MeshServiceOptions>().Name!));
        services.AddSingleton<GatewayRouter>();
        services.AddSingleton(static _ => new MeshGatewayCache());
        services.AddSingleton(static provider => new GatewayCache(
            provider.GetRequiredService<MeshGatewayCache>(),
            provider.GetRequiredService<MeshServiceOptions>().Name!,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IProblemPages, GatewayPages>();
        services.AddSingleton(static provider => new GatewayEndpoint(
            provider.GetRequiredService<GatewayRouter>(),
            provider.GetRequiredService<GatewayForwarder>(),
            provider.GetRequiredService<EdgeGuard>(),
            provider.GetRequiredService<ConsumerGate>(),
            provider.GetRequiredService<GatewayCache>(),
            Random.Shared,
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static PolicySource<GatewayPolicy> BuildPolicySource(IServiceProvider provider)
    {
        const string Path = "Mesh:Gateway";
        var section = provider.GetRequiredService<MeshConfiguration>().Child("Gateway");
        var configures = provider.GetServices<IConfigureOptions<MeshGatewayOptions>>().ToArray();
        var faults = provider.GetRequiredService<FaultGuard>();
        var limiters = provider.GetRequiredService<PlanLimiters>();
        var tokens = provider.GetRequiredService<InternalTokenRegistry>();
        var isLoginAdded = provider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(LoginSessions));
        var hasQuotaStore = provider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(IQuotaStore));
        var manifests = provider.GetRequiredService<ManifestFolder>();
        var code = provider.GetRequiredService<CodeRouteCollection>();
        var ownNamespace = provider.GetRequiredService<MeshServiceOptions>().Namespace;
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Gateway");
        var source = new PolicySource<GatewayPolicy>(section, Path, Build, logger);
        FindingsLog.Attach(source, logger);
        manifests.Watch(source);
        provider.GetRequiredService<PageWatch>().Watch(source);
        return source;

        GatewayPolicy Build()
        {
            var errors = new ConfigurationErrors();
            var options = ConfigurationReader.Read(section, configures, errors, MeshGatewayOptions.Read);
            var files = manifests.Read(options.Manifests.Directory);
            var import = ManifestImport.Read(files, options, ownNamespace, errors);
            code.AddTo(options, $"{Path}:{nameof(options.Routes)}", errors);
            var policy = GatewayPolicy.Compile(options, Path, errors, faults);
            var login = LoginValidation.Compile(options.Login, isLoginAdded, $"{Path}:{nameof(options.Login)}", errors);
            PlanValidation.CheckStore($"{Path}:{nameof(options.Plans)}", options.Plans, hasQuotaStore, errors);
            var signed = tokens.Compile(options.InternalToken, $"{Path}:{nameof(options.InternalToken)}", errors);
            if (errors.All.Count > 0)
            {
                throw new MeshConfigurationException(Path, [.. errors.All.Select(import.Describe)]);
            }

            // State changes behind everything that can refuse the policy.
            manifests.Adopt(files);
            return policy with
            {
                Consumers = ConsumerPolicy.Compile(options, limiters),
                Login = login,
                Tokens = signed,
                Findings = [.. import.Findings.AddRange(PolicyFindings.Find(policy, options, Path)).Select(import.Describe)],
            };
        }
    }
}
