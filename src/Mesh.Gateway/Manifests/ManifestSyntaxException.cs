namespace Mesh.Gateway.Manifests;

/// <summary>A file is not the YAML that is read here.</summary>
internal sealed class ManifestSyntaxException(string message, long line) : Exception(message)
{
    /// <summary>The line, from 1.</summary>
    public long Line { get; } = line;
}
