using Mesh.Configuration;
using Mesh.Gateway.Listeners;

namespace Mesh.Gateway.Manifests.Objects;

/// <summary>The Gateway that this process is.</summary>
internal sealed class GatewayObject
{
    private GatewayObject(ManifestObject self, List<Listener> listeners)
    {
        Self = self;
        Listeners = listeners;
    }

    public ManifestObject Self { get; }

    public IReadOnlyList<Listener> Listeners { get; }

    public static GatewayObject Read(ManifestObject self, ConfigurationErrors errors)
    {
        List<Listener> listeners = [];
        ConfigurationReader.Read(self.Document.Section, errors, listeners, static (reader, target) =>
        {
            reader.Ignore("GatewayClassName");
            target.AddRange(reader.Sections<Listener>("Listeners", Listener.Read) ?? []);
        });
        var path = $"{self.Document.Section.Path}:Listeners";
        if (listeners.Count == 0)
        {
            errors.Add(path, "a Gateway needs at least one listener.");
        }

        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < listeners.Count; i++)
        {
            if (string.IsNullOrEmpty(listeners[i].Name) || !names.Add(listeners[i].Name!))
            {
                errors.Add($"{path}:{i}:Name", listeners[i].Name, "a name that no other listener has");
            }

            if (listeners[i].Port is null)
            {
                errors.AddMissing($"{path}:{i}:Port", "a port from 1 to 65535");
            }

            if (listeners[i].Protocol is null)
            {
                errors.AddMissing($"{path}:{i}:Protocol", "HTTP or HTTPS");
            }
        }

        return new GatewayObject(self, listeners);
    }

    /// <summary>Adds its listeners to those of the configuration.</summary>
    public void AddTo(IDictionary<string, GatewayListenerOptions> listeners, ManifestOptions manifests, ConfigurationErrors errors)
    {
        for (var i = 0; i < Listeners.Count; i++)
        {
            var listener = Listeners[i];
            var path = $"{Self.Document.Section.Path}:Listeners:{i}";
            var options = new GatewayListenerOptions
            {
                Hostname = listener.Hostname,
                Port = manifests.LocalPort(listener.Port),
                Protocol = listener.Protocol,
                Source = path,
            };
            if (listener.Name is { Length: > 0 } name && !listeners.TryAdd(name, options) && listeners[name].Source is null)
            {
                errors.Add($"{path}:Name", name, "a name that no listener of the configuration has");
            }
        }
    }
}
