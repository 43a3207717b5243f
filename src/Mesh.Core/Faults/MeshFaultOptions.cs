using Mesh.Configuration;

namespace Mesh.Faults;

/// <summary>Whether this process may be hurt on purpose: section <c>Mesh:Faults</c>.</summary>
public sealed class MeshFaultOptions
{
    /// <summary>
    /// Whether faults may be configured in production: in an environment whose name begins with <c>Prod</c>, or in an
    /// application that has none. Read at the start only.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowInProduction { get; set; }

    internal static void Read(ConfigurationReader reader, MeshFaultOptions options) =>
        options.AllowInProduction = reader.Boolean(nameof(AllowInProduction)) ?? options.AllowInProduction;
}
