using System.Diagnostics.Metrics;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Hosting;
using Mesh.Identity;
using Mesh.Identity.Development;
using Mesh.Identity.Federation;
using Mesh.Identity.Files;
using Mesh.Identity.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what client, server and gateway share. They call it themselves.</summary>
public static class MeshCoreServiceCollectionExtensions
{
    private static readonly string[] Sections = ["Service", "Identity", "Faults", "Discovery", "Client", "Server", "Gateway", "Redis"];

    /// <summary>
    /// Adds the configuration section <c>Mesh</c>, who this process is (<see cref="MeshServiceOptions"/>) and its identity
    /// source. Harmless when called again.
    /// </summary>
    public static IServiceCollection AddMeshCore(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider =>
            MeshConfiguration.Of(provider.GetService<IConfiguration>()));
        services.TryAddSingleton(BuildServiceOptions);
        services.TryAddSingleton(static provider =>
        {
            var service = provider.GetRequiredService<MeshServiceOptions>();
            return new TrustDomainAliases(service.TrustDomain, service.TrustDomainAliases ?? []);
        });
        services.TryAddSingleton(BuildIdentitySource);
        services.TryAddSingleton(static provider => BuildFaultGuard(provider, new ConfigurationErrors()));
        if (!services.Any(static service => service.ImplementationType == typeof(MeshStartup)))
        {
            services.AddHostedService<MeshStartup>();
            services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Service", () => provider.GetRequiredService<MeshServiceOptions>()));
            services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Faults", () => CheckFaults(provider)));
            services.AddSingleton(static provider => new MeshStartupCheck("Mesh:Identity", () => StartIdentity(provider)));
        }

        return services;
    }

    private static void StartIdentity(IServiceProvider provider)
    {
        var identities = provider.GetRequiredService<IIdentitySource>();
        if (provider.GetService<IMeterFactory>() is { } meters)
        {
            // Nobody else holds it: its gauge lives as long as the meter.
            _ = new IdentityTelemetry(meters, identities, provider.GetRequiredService<TimeProvider>());
        }
    }

    private static MeshServiceOptions BuildServiceOptions(IServiceProvider provider)
    {
        var errors = new ConfigurationErrors();
        var configuration = provider.GetRequiredService<MeshConfiguration>();
        foreach (var child in configuration.Section?.GetChildren() ?? [])
        {
            if (!Sections.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(child.Path, $"there is no such section; allowed here are {string.Join(", ", Sections)}.");
            }
        }

        var section = configuration.Child("Service");
        var options = ConfigurationReader.Read(section, provider.GetServices<IConfigureOptions<MeshServiceOptions>>(), errors, MeshServiceOptions.Read);
        options.Name ??= DefaultName(provider.GetService<IHostEnvironment>()?.ApplicationName);
        options.Validate(section?.Path ?? "Mesh:Service", errors);
        errors.ThrowIfAny("Mesh:Service");
        return options;
    }

    private static void CheckFaults(IServiceProvider provider)
    {
        var errors = new ConfigurationErrors();
        BuildFaultGuard(provider, errors);
        errors.ThrowIfAny("Mesh:Faults");
    }

    private static FaultGuard BuildFaultGuard(IServiceProvider provider, ConfigurationErrors errors)
    {
        var options = ConfigurationReader.Read(
            provider.GetRequiredService<MeshConfiguration>().Child("Faults"),
            provider.GetServices<IConfigureOptions<MeshFaultOptions>>(),
            errors,
            MeshFaultOptions.Read);
        return new FaultGuard(provider.GetService<IHostEnvironment>()?.EnvironmentName, options.AllowInProduction);
    }

    private static string DefaultName(string? applicationName)
    {
        var name = string.IsNullOrEmpty(applicationName) ? "app" : applicationName;
#pragma warning disable CA1308 // Service names are host names, and those are lower case.
        return name.ToLowerInvariant();
#pragma warning restore CA1308
    }

    private static IIdentitySource BuildIdentitySource(IServiceProvider provider)
    {
        var errors = new ConfigurationErrors();
        var options = ConfigurationReader.Read(
            provider.GetRequiredService<MeshConfiguration>().Child("Identity"),
            provider.GetServices<IConfigureOptions<MeshIdentityOptions>>(),
            errors,
            MeshIdentityOptions.Read);

        var environment = provider.GetService<IHostEnvironment>();
        var development = environment?.IsDevelopment() == true;
        if (options.Source == IdentitySourceKind.Development && !development)
        {
            errors.Add(
                "Mesh:Identity:Source",
                $"found 'Development', which is refused in the environment '{environment?.EnvironmentName ?? "unknown"}'; set 'Files', register an IIdentitySource, or run in Development.");
        }

        if (options.Source == IdentitySourceKind.Files)
        {
            options.Files.Validate("Mesh:Identity:Files", errors);
        }
        else if (options.Source is null && !development && options.Files.IsConfigured)
        {
            errors.Add("Mesh:Identity:Source", null, "'Files' where Mesh:Identity:Files is set");
        }

        options.ValidateFederation("Mesh:Identity:Federation", provider.GetRequiredService<MeshServiceOptions>().TrustDomain, errors);
        var external = FindExternalSource(provider, options.Source, development, errors);
        errors.ThrowIfAny("Mesh:Identity");
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("Mesh.Identity") ?? NullLogger.Instance;
        var source = external?.Create(provider) ?? CreateIdentitySource(provider, options, development, logger);
        return options.Federation.Count == 0 || source is MissingIdentitySource
            ? source
            : new FederatedIdentitySource(source, options.Federation, provider.GetRequiredService<TimeProvider>(), Random.Shared, logger);
    }

    private static IIdentitySource CreateIdentitySource(IServiceProvider provider, MeshIdentityOptions options, bool development, ILogger logger)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        if (options.Source == IdentitySourceKind.Files)
        {
            return new FileIdentitySource(options.Files, time, logger);
        }

        if (options.Source is null && !development)
        {
            return new MissingIdentitySource();
        }

        var service = provider.GetRequiredService<MeshServiceOptions>();
        return new DevelopmentIdentitySource(
            options.DevelopmentDirectory ?? DevelopmentAuthority.DefaultDirectory(),
            SpiffeId.ForService(service.TrustDomain, service.Namespace, service.Name!),
            time,
            logger);
    }

    // Of a package: the one that is named, or outside Development the one that is there.
    private static IdentitySourceFactory? FindExternalSource(
        IServiceProvider provider,
        IdentitySourceKind? kind,
        bool development,
        ConfigurationErrors errors)
    {
        if (kind == IdentitySourceKind.Development || (kind is null && development))
        {
            return null;
        }

        var factory = provider.GetServices<IdentitySourceFactory>().FirstOrDefault(factory => kind is null || factory.Kind == kind);
        if (factory is null && kind == IdentitySourceKind.WorkloadApi)
        {
            errors.Add("Mesh:Identity:Source", "found 'WorkloadApi', which the package Mesh.Spiffe supplies; add it and call AddMeshSpiffe().");
        }

        return factory;
    }
}
