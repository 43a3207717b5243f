using System.Diagnostics.Metrics;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Hosting;
using Mesh.Identity;
using Mesh.Limits;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Authentication.Keys;
using Mesh.Server.Authentication.Users;
using Mesh.Server.Authorization;
using Mesh.Server.Deadlines;
using Mesh.Server.Draining;
using Mesh.Server.Hosting;
using Mesh.Server.Limits;
using Mesh.Server.LoadShedding;
using Mesh.Server.Policy;
using Mesh.Server.RateLimits;
using Mesh.Server.RateLimits.Shared;
using Mesh.Server.State;
using Mesh.Server.Telemetry;
using Mesh.Server.Tls;
using Mesh.State;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets an ASP.NET Core application be served as a part of the mesh.</summary>
public static class MeshServerServiceCollectionExtensions
{
    /// <summary>
    /// Adds mutual TLS to every https endpoint of Kestrel, and what <c>UseMesh()</c> needs, configured by the section
    /// <c>Mesh:Server</c>. Calling it again is harmless.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.AddMeshServer();
    /// var app = builder.Build();
    /// app.UseMesh();
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddMeshServer(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshServer();
        return builder;
    }

    /// <inheritdoc cref="AddMeshServer(IHostApplicationBuilder)"/>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IHostApplicationBuilder AddMeshServer(this IHostApplicationBuilder builder, Action<MeshServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshServer(configure);
        return builder;
    }

    /// <inheritdoc cref="AddMeshServer(IHostApplicationBuilder)"/>
    public static IServiceCollection AddMeshServer(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(ServerPolicyCompiler)))
        {
            return services;
        }

        services.AddMeshCore();
        services.AddMetrics();
        services.AddSingleton(static provider => new MeshServerTelemetry(provider.GetRequiredService<IMeterFactory>()));
        services.AddPolicy();
        services.AddMutualTls();
        services.AddAspNetAuthentication();
        services.AddDrain();
        services.AddSingleton<IMeshStateSource, MeshServerState>();
        services.AddSingleton(static provider => new MeshStartupCheck(ServerPolicyCompiler.Subject, () => ServerStartup.Check(provider)));
        return services;
    }

    /// <inheritdoc cref="AddMeshServer(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IServiceCollection AddMeshServer(this IServiceCollection services, Action<MeshServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddMeshServer().Configure(configure);
    }

    private static void AddPolicy(this IServiceCollection services)
    {
        services.AddSingleton<JwksFetcher>();
        services.AddSingleton<IssuerRegistry>();
        services.AddSingleton<IntrospectionClient>();
        services.AddSingleton<AuthenticationRegistry>();
        services.AddSingleton(static provider => new RateLimiterRegistry(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IRateLimitStore>() is { } store
                ? new StoreGate(
                    store,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<MeshServerTelemetry>(),
                    provider.GetRequiredService<ILogger<StoreGate>>())
                : null));
        services.AddSingleton<DeadlineTimers>();
        services.AddSingleton<LoadShedderRegistry>();
        services.AddSingleton<AuthorizationRegistry>();
        services.AddSingleton<ServerCertificateRegistry>();
        services.AddSingleton(static provider => new ServerPolicyCompiler(
            provider.GetRequiredService<MeshConfiguration>().Child("Server"),
            [.. provider.GetServices<IConfigureOptions<MeshServerOptions>>()],
            provider.GetRequiredService<AuthenticationRegistry>(),
            provider.GetRequiredService<RateLimiterRegistry>(),
            provider.GetRequiredService<LoadShedderRegistry>(),
            provider.GetRequiredService<AuthorizationRegistry>(),
            provider.GetRequiredService<ServerCertificateRegistry>(),
            provider.GetRequiredService<MeshServiceOptions>(),
            provider.GetRequiredService<TrustDomainAliases>(),
            provider.GetRequiredService<FaultGuard>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new PolicySource<ServerPolicy>(
            provider.GetRequiredService<MeshConfiguration>().Child("Server"),
            ServerPolicyCompiler.Subject,
            provider.GetRequiredService<ServerPolicyCompiler>().Compile,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Server")));

        // For what the host makes before the start-up checks have run.
        services.AddSingleton(static provider => new Lazy<PolicySource<ServerPolicy>>(provider.GetRequiredService<PolicySource<ServerPolicy>>));
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, KestrelLimits>());
        services.AddHttpClient(JwksFetcher.ClientName)
            .ConfigureHttpClient(static client => client.MaxResponseContentBufferSize = JwksFetcher.MaxBytes)
            .ConfigurePrimaryHttpMessageHandler(static (handler, _) => Redirects.Forbid(handler));
        services.AddHttpClient(IntrospectionClient.ClientName)
            .ConfigureHttpClient(static client => client.MaxResponseContentBufferSize = IntrospectionClient.MaxBytes)
            .ConfigurePrimaryHttpMessageHandler(static (handler, _) => Redirects.Forbid(handler));
        services.AddHttpClient(HttpAuthorizer.ClientName)
            .ConfigurePrimaryHttpMessageHandler(static (handler, _) => Redirects.Forbid(handler));
    }

    private static void AddDrain(this IServiceCollection services)
    {
        services.AddSingleton<ServerDrain>();
        services.AddHostedService(static provider => provider.GetRequiredService<ServerDrain>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            DrainHealthCheck.Name,
            static provider => new DrainHealthCheck(provider.GetRequiredService<ServerDrain>()),
            failureStatus: null,
            tags: null));
    }

    private static void AddMutualTls(this IServiceCollection services)
    {
        services.AddSingleton(static provider => new ConnectionDrain(
            provider.GetRequiredService<PolicySource<ServerPolicy>>(),
            provider.GetRequiredService<IIdentitySource>(),
            provider.GetRequiredService<TrustDomainAliases>(),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared,
            provider.GetRequiredService<ILogger<ConnectionDrain>>()));
        services.AddSingleton<MeshPresence>();
        services.AddSingleton<PlaintextGate>();
        services.AddSingleton<PeerHandshake>();
        services.AddSingleton(static provider => new Lazy<PeerHandshake>(provider.GetRequiredService<PeerHandshake>));

        // In front of the application's own configuration of Kestrel, whose endpoints are made from the defaults set before.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(static provider => new KestrelHttpsDefaults(
            provider.GetRequiredService<Lazy<PeerHandshake>>(),
            provider.GetService<IConfiguration>())));
    }

    private static void AddAspNetAuthentication(this IServiceCollection services)
    {
        // AddAuthentication() would also add data protection, which writes keys to disk at start: the scheme needs none.
        services.AddAuthenticationCore();
        services.AddSingleton(provider => new DirectUser(provider, services));
        services.AddWebEncoders();
        var builder = new AuthenticationBuilder(services);
        foreach (var scheme in MeshAuthenticationHandler.Schemes)
        {
            builder.AddScheme<AuthenticationSchemeOptions, MeshAuthenticationHandler>(scheme, configureOptions: null);
        }

        services.PostConfigure<AuthenticationOptions>(static options => options.DefaultScheme ??= MeshAuthenticationDefaults.AuthenticationScheme);
        services.AddAuthorization();
    }
}
