using Microsoft.Extensions.Configuration;

namespace Mesh.Configuration;

/// <summary>The section of the configuration that the mesh reads; registered once per application.</summary>
public sealed class MeshConfiguration
{
    /// <summary>The name of the section: <c>Mesh</c>.</summary>
    public const string SectionName = "Mesh";

    /// <summary>Creates it.</summary>
    /// <param name="section">The section, or <see langword="null"/> in an application without configuration.</param>
    public MeshConfiguration(IConfigurationSection? section) => Section = section;

    /// <summary>Takes it from the configuration of an application.</summary>
    public static MeshConfiguration Of(IConfiguration? configuration)
    {
        var section = configuration?.GetSection(SectionName);
        return new MeshConfiguration(configuration is IConfigurationRoot root ? new RootedSection(root, section!) : section);
    }

    /// <summary>The section, or <see langword="null"/> in an application without configuration.</summary>
    public IConfigurationSection? Section { get; }

    /// <summary>A section below it, such as <c>Client</c>.</summary>
    public IConfigurationSection? Child(string name) => Section?.GetSection(name);
}
