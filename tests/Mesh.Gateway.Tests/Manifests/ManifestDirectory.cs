using Mesh.Configuration;
using Mesh.Gateway.Manifests;
using Mesh.Gateway.Routing;

namespace Mesh.Gateway.Tests.Manifests;

/// <summary>A folder of manifests of a test's own.</summary>
internal sealed class ManifestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("manifests").FullName;

    public void Write(string name, string content) => File.WriteAllText(System.IO.Path.Combine(Path, name), content);

    public void Delete(string name) => File.Delete(System.IO.Path.Combine(Path, name));

    /// <summary>Reads it as the gateway does, up to the compiled policy.</summary>
    public (MeshGatewayOptions Options, ManifestImport Import, IReadOnlyList<string> Errors) Read(Action<MeshGatewayOptions>? configure = null)
    {
        var options = new MeshGatewayOptions { Manifests = { Directory = Path } };
        configure?.Invoke(options);
        var errors = new ConfigurationErrors();
        var import = ManifestImport.Read(ManifestFiles.Read(Path), options, "shop", errors);
        return (options, import, [.. errors.All.Select(import.Describe)]);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
