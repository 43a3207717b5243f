using Mesh.Client.Discovery.Dns;
using Mesh.Configuration;
using Mesh.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the mesh find services in DNS.</summary>
public static class MeshDnsServiceCollectionExtensions
{
    private const string Subject = "Mesh:Discovery:Dns";

    /// <summary>
    /// Finds in DNS the services that the configuration does not name, as the section <c>Mesh:Discovery:Dns</c> says. A
    /// section with any setting does the same without this call. Which clients join the mesh, <c>AddMeshClient()</c> says.
    /// </summary>
    /// <example>
    /// <code>
    /// builder.AddMeshClient();
    /// builder.AddMeshDns(dns => dns.Suffix = "shop.svc.cluster.local");
    /// </code>
    /// </example>
    public static IHostApplicationBuilder AddMeshDns(this IHostApplicationBuilder builder) => builder.AddMeshDns(static _ => { });

    /// <inheritdoc cref="AddMeshDns(IHostApplicationBuilder)"/>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IHostApplicationBuilder AddMeshDns(this IHostApplicationBuilder builder, Action<DnsDiscoveryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMeshDns(configure);
        return builder;
    }

    /// <inheritdoc cref="AddMeshDns(IHostApplicationBuilder)"/>
    public static IServiceCollection AddMeshDns(this IServiceCollection services) => services.AddMeshDns(static _ => { });

    /// <inheritdoc cref="AddMeshDns(IHostApplicationBuilder)"/>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Changes what the configuration says; runs again at each reload.</param>
    public static IServiceCollection AddMeshDns(this IServiceCollection services, Action<DnsDiscoveryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddMeshClientCore(null);
        services.Configure<DnsDiscoveryOptions>(static options => options.Enabled ??= true);
        services.Configure(configure);
        return services;
    }

    /// <summary>The provider itself, silent until it is switched on. After that of the configuration, which goes first.</summary>
    internal static void AddDnsProvider(this IServiceCollection services)
    {
        services.AddSingleton(BuildPolicySource);
        services.AddSingleton<IServiceEndpointProviderFactory>(static provider => new DnsEndpointProviderFactory(
            provider.GetRequiredService<PolicySource<DnsPolicy>>(),
            provider.GetRequiredService<IConfiguration>().GetSection(
                provider.GetRequiredService<IOptions<ConfigurationServiceEndpointProviderOptions>>().Value.SectionName),
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Client")));
        services.AddSingleton(static provider => new MeshStartupCheck(Subject, () => provider.GetRequiredService<PolicySource<DnsPolicy>>()));
    }

    private static PolicySource<DnsPolicy> BuildPolicySource(IServiceProvider provider)
    {
        var section = provider.GetRequiredService<MeshConfiguration>().Child("Discovery")?.GetSection("Dns");
        var configures = provider.GetServices<IConfigureOptions<DnsDiscoveryOptions>>().ToArray();
        return new PolicySource<DnsPolicy>(section, Subject, Build, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Mesh.Client"));

        DnsPolicy Build()
        {
            var errors = new ConfigurationErrors();
            var exists = section.Exists();
            var options = ConfigurationReader.Read(exists ? section : null, configures, errors, DnsDiscoveryOptions.Read);
            var policy = DnsPolicy.Compile(options, section?.Path ?? Subject, errors);
            errors.ThrowIfAny(Subject);
            return policy;
        }
    }
}
