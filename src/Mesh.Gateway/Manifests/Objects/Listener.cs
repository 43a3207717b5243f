using Mesh.Configuration;
using Mesh.Gateway.Listeners;

namespace Mesh.Gateway.Manifests.Objects;

/// <summary>A listener of a Gateway.</summary>
internal sealed class Listener
{
    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);

    public string? Name { get; private set; }

    public string? Hostname { get; private set; }

    public int? Port { get; private set; }

    public GatewayListenerProtocol? Protocol { get; private set; }

    public FromNamespaces From { get; private set; }

    public static void Read(ConfigurationReader reader, Listener listener)
    {
        listener.Name = reader.Text(nameof(Name));
        listener.Hostname = reader.Text(nameof(Hostname));
        listener.Port = reader.Integer(nameof(Port));
        listener.Protocol = reader.OneOf<GatewayListenerProtocol>(nameof(Protocol));
        reader.Section("AllowedRoutes", listener, ReadAllowed);
        reader.Section("TLS", listener, static (tls, _) =>
        {
            tls.OneOf<TlsMode>("Mode");

            // Where certificates come from is said in Mesh:Server:Tls.
            tls.Ignore("CertificateRefs");
        });
    }

    /// <summary>Whether a route may hang on it.</summary>
    public bool Allows(ManifestObject route, string gatewayNamespace) =>
        (From == FromNamespaces.All || route.Namespace == gatewayNamespace) && (_kinds.Count == 0 || _kinds.Contains(route.Kind.ToString()));

    private static void ReadAllowed(ConfigurationReader allowed, Listener listener)
    {
        allowed.Section("Namespaces", listener, static (namespaces, target) => target.From = namespaces.OneOf<FromNamespaces>("From") ?? FromNamespaces.Same);
        allowed.Sections<object>("Kinds", (kind, _) =>
        {
            kind.Ignore("Group");
            if (kind.OneOf<ManifestKind>("Kind") is { } name)
            {
                listener._kinds.Add(name.ToString());
            }
        });
    }
}
