using Mesh.Configuration;

namespace Mesh.Client.Mirroring;

/// <summary>What copies of requests may cost this process, all rules together: section <c>Mesh:Client:Mirroring</c>.</summary>
public sealed class MirroringOptions
{
    /// <summary>How many copies may be under way at a time, 1 to 100,000. Beyond it none are made.</summary>
    /// <value>Default 128.</value>
    public int? MaxActive { get; set; }

    /// <summary>The largest body that is kept for its copy, 0 to 16 MiB, in bytes. A request with a larger one is not copied.</summary>
    /// <value>Default 65,536.</value>
    public int? MaxBodyBytes { get; set; }

    internal static void Read(ConfigurationReader reader, MirroringOptions options)
    {
        options.MaxActive = reader.Integer(nameof(MaxActive)) ?? options.MaxActive;
        options.MaxBodyBytes = reader.Integer(nameof(MaxBodyBytes)) ?? options.MaxBodyBytes;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(MaxActive)}", MaxActive, 1, 100_000);
        errors.CheckRange($"{path}:{nameof(MaxBodyBytes)}", MaxBodyBytes, 0, 16 * 1024 * 1024);
    }
}
