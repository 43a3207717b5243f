using Mesh.Configuration;

namespace Mesh.Gateway.Manifests.Objects;

/// <summary>What routes of other namespaces may refer to in the namespace of the grant.</summary>
internal sealed class ReferenceGrant
{
    private readonly List<(string? Kind, string? Namespace)> _from = [];
    private readonly List<(string? Kind, string? Name)> _to = [];
    private readonly string _namespace;

    private ReferenceGrant(string ns) => _namespace = ns;

    public static ReferenceGrant Read(ManifestObject self, ConfigurationErrors errors)
    {
        var grant = new ReferenceGrant(self.Namespace);
        ConfigurationReader.Read(self.Document.Section, errors, grant, static (reader, target) =>
        {
            reader.Sections<object>("From", (from, _) => target._from.Add((KindOf(from), from.Text("Namespace"))));
            reader.Sections<object>("To", (to, _) => target._to.Add((KindOf(to), to.Text("Name"))));
        });
        return grant;
    }

    /// <summary>Whether it lets a route refer to a service.</summary>
    public bool Allows(ManifestObject route, string ns, string service) =>
        ns == _namespace
        && _from.Contains((route.Kind.ToString(), route.Namespace))
        && _to.Exists(to => to.Kind == "Service" && (to.Name is null || to.Name == service));

    private static string? KindOf(ConfigurationReader reader)
    {
        reader.Ignore("Group");
        return reader.Text("Kind");
    }
}
