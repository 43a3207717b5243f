using Mesh.Configuration;

namespace Mesh.Routing.Listeners;

/// <summary>A listener of the gateway that a route hangs on.</summary>
public sealed class ParentRefOptions
{
    /// <summary>The name of the listener.</summary>
    /// <value>Default: every listener.</value>
    public string? SectionName { get; set; }

    /// <summary>The port of the listener.</summary>
    /// <value>Default: every port.</value>
    public int? Port { get; set; }

    internal static void Read(ConfigurationReader reader, ParentRefOptions options)
    {
        options.SectionName = reader.Text(nameof(SectionName)) ?? options.SectionName;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;

        // The gateway is the process that reads it.
        reader.Ignore("Name");
        reader.Ignore("Namespace");
        reader.Ignore("Group");
        reader.Ignore("Kind");
    }

    internal bool Names(RouteListener listener) =>
        (SectionName is null || SectionName.Equals(listener.Name, StringComparison.OrdinalIgnoreCase)) && (Port is null || Port == listener.Port);
}
