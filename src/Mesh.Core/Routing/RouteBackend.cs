namespace Mesh.Routing;

/// <summary>A service that takes a share of a rule's requests.</summary>
public sealed class RouteBackend
{
    internal RouteBackend(string name, string? ns, int? port, int weight)
    {
        Name = name;
        Namespace = ns;
        Port = port;
        Weight = weight;
        Service = ns is null ? name : $"{name}.{ns}";
        Authority = port is null ? Service : $"{Service}:{port}";
    }

    /// <summary>The name of the service.</summary>
    public string Name { get; }

    /// <summary>Its namespace, or <see langword="null"/> for that of this process.</summary>
    public string? Namespace { get; }

    /// <summary>How the service is called in host names and settings: <c>name</c>, or <c>name.namespace</c>.</summary>
    public string Service { get; }

    /// <summary><see cref="Service"/>, with the port where it has one.</summary>
    public string Authority { get; }

    /// <summary>The port of those endpoints whose own discovery does not name; <see langword="null"/> for that of the scheme.</summary>
    public int? Port { get; }

    /// <summary>Whether it leads to a service. A gateway answers the share of one that does not with 500.</summary>
    public bool IsResolved { get; internal init; } = true;

    /// <summary>The labels its endpoints must have, or <see langword="null"/> for all of them.</summary>
    public IReadOnlyDictionary<string, string>? Subset { get; internal init; }

    /// <summary>Changes to the header of requests to it, after those of the rule.</summary>
    public HeaderModifier? RequestHeaders { get; internal init; }

    /// <summary>Changes to the header of its responses, before those of the rule.</summary>
    public HeaderModifier? ResponseHeaders { get; internal init; }

    /// <summary>Its share, relative to the sum of the rule's weights.</summary>
    public int Weight { get; }
}
