using Mesh.Configuration;
using Mesh.Routing.Listeners;

namespace Mesh.Gateway.Manifests.Objects;

/// <summary>The Gateway that a route hangs on, and the listeners there.</summary>
internal sealed class ParentRef
{
    public string? Namespace { get; private set; }

    public string? Name { get; private set; }

    public string? SectionName { get; private set; }

    public int? Port { get; private set; }

    public static void Read(ConfigurationReader reader, ParentRef parent)
    {
        reader.Ignore("Group");
        reader.OneOf<ParentKind>("Kind");
        parent.Namespace = reader.Text(nameof(Namespace));
        parent.Name = reader.Text(nameof(Name));
        parent.SectionName = reader.Text(nameof(SectionName));
        parent.Port = reader.Integer(nameof(Port));
    }

    /// <summary>Whether a listener is among those it is about.</summary>
    public bool Names(Listener listener) =>
        (SectionName is null || SectionName == listener.Name) && (Port is null || Port == listener.Port);

    /// <summary>The same for a listener of the configuration.</summary>
    public ParentRefOptions ToOptions(ManifestOptions manifests) => new() { SectionName = SectionName, Port = manifests.LocalPort(Port) };
}
