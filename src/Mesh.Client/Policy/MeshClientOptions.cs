using Mesh.Client.Mirroring;
using Mesh.Configuration;

namespace Mesh.Client.Policy;

/// <summary>How this process calls others: section <c>Mesh:Client</c>.</summary>
public sealed class MeshClientOptions
{
    /// <summary>What holds for every service unless <see cref="Services"/> says otherwise.</summary>
    public ServiceOptions Defaults { get; } = new();

    /// <summary>What holds for one service, by the host name that calls use. A field left out falls back to <see cref="Defaults"/>.</summary>
    public IDictionary<string, ServiceOptions> Services { get; } = new Dictionary<string, ServiceOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to do with a host name that no discovery provider knows.</summary>
    /// <value>Default <see cref="UnknownServiceBehavior.PassThrough"/>.</value>
    public UnknownServiceBehavior UnknownServices { get; set; }

    /// <summary>What copies of requests may cost.</summary>
    public MirroringOptions Mirroring { get; } = new();

    internal static void Read(ConfigurationReader reader, MeshClientOptions options)
    {
        reader.Section(nameof(Defaults), options.Defaults, ServiceOptions.Read);
        reader.Map(nameof(Services), options.Services, ServiceOptions.Read);
        options.UnknownServices = reader.OneOf<UnknownServiceBehavior>(nameof(UnknownServices)) ?? options.UnknownServices;
        reader.Section(nameof(Mirroring), options.Mirroring, MirroringOptions.Read);
    }
}
