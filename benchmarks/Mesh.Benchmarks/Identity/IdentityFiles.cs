namespace Mesh.Benchmarks.Identity;

/// <summary>Where an identity lies as PEM, in a folder that nobody else can read.</summary>
internal sealed record IdentityFiles(string Folder)
{
    public string Leaf => Path.Combine(Folder, "leaf.pem");

    public string Key => Path.Combine(Folder, "key.pem");

    public string Anchor => Path.Combine(Folder, "anchor.pem");
}
