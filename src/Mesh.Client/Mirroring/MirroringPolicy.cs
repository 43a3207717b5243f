namespace Mesh.Client.Mirroring;

/// <summary>The compiled form of <see cref="MirroringOptions"/>.</summary>
internal sealed record MirroringPolicy(int MaxActive, int MaxBodyBytes)
{
    public static MirroringPolicy Compile(MirroringOptions options) => new(options.MaxActive ?? 128, options.MaxBodyBytes ?? 65_536);
}
