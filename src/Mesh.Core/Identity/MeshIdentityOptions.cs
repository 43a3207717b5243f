using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>Where this process gets its identity from: section <c>Mesh:Identity</c>.</summary>
public sealed class MeshIdentityOptions
{
    /// <summary>The source.</summary>
    /// <value>Default: <see cref="IdentitySourceKind.Development"/> in the Development environment, otherwise none.</value>
    public IdentitySourceKind? Source { get; set; }

    /// <summary>Where the development CA is kept.</summary>
    /// <value>Default: <c>mesh/development-ca</c> below the user's local application data folder.</value>
    public string? DevelopmentDirectory { get; set; }

    /// <summary>The files, where <see cref="Source"/> is <see cref="IdentitySourceKind.Files"/>.</summary>
    public FileIdentityOptions Files { get; } = new();

    internal static void Read(ConfigurationReader reader, MeshIdentityOptions options)
    {
        options.Source = reader.OneOf<IdentitySourceKind>(nameof(Source)) ?? options.Source;
        options.DevelopmentDirectory = reader.Text(nameof(DevelopmentDirectory)) ?? options.DevelopmentDirectory;
        reader.Section(nameof(Files), options.Files, FileIdentityOptions.Read);
    }
}
