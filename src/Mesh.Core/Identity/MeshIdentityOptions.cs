using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>Where this process gets its identity from: section <c>Mesh:Identity</c>.</summary>
public sealed class MeshIdentityOptions
{
    /// <summary>The source.</summary>
    /// <value>
    /// Default: <see cref="IdentitySourceKind.Development"/> in the Development environment; elsewhere
    /// <see cref="IdentitySourceKind.WorkloadApi"/> when its package is registered, otherwise none.
    /// </value>
    public IdentitySourceKind? Source { get; set; }

    /// <summary>Where the development CA is kept.</summary>
    /// <value>Default: <c>mesh/development-ca</c> below the user's local application data folder.</value>
    public string? DevelopmentDirectory { get; set; }

    /// <summary>The files, where <see cref="Source"/> is <see cref="IdentitySourceKind.Files"/>.</summary>
    public FileIdentityOptions Files { get; } = new();

    /// <summary>The bundles of other trust domains whose workloads are peers too, by trust domain.</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, FederatedBundleOptions> Federation { get; } = new Dictionary<string, FederatedBundleOptions>(StringComparer.Ordinal);

    internal void ValidateFederation(string path, string ownTrustDomain, ConfigurationErrors errors)
    {
        foreach (var (trustDomain, bundle) in Federation)
        {
            bundle.Validate($"{path}:{trustDomain}", trustDomain, errors);
            if (trustDomain == ownTrustDomain)
            {
                errors.Add($"{path}:{trustDomain}", "this is the trust domain of this process, whose bundle comes with its identity.");
            }
        }
    }

    internal static void Read(ConfigurationReader reader, MeshIdentityOptions options)
    {
        options.Source = reader.OneOf<IdentitySourceKind>(nameof(Source)) ?? options.Source;
        reader.Ignore(nameof(IdentitySourceKind.WorkloadApi)); // read by its package
        options.DevelopmentDirectory = reader.Text(nameof(DevelopmentDirectory)) ?? options.DevelopmentDirectory;
        reader.Section(nameof(Files), options.Files, FileIdentityOptions.Read);
        reader.Map(nameof(Federation), options.Federation, FederatedBundleOptions.Read);
    }
}
