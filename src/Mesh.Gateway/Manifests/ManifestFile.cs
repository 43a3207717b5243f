namespace Mesh.Gateway.Manifests;

/// <summary>A file of the folder as it was read.</summary>
/// <param name="Name">Its name without the folder.</param>
/// <param name="Content">What is in it.</param>
internal sealed record ManifestFile(string Name, byte[] Content);
