using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>Who this process is: section <c>Mesh:Service</c>.</summary>
public sealed class MeshServiceOptions
{
    /// <summary>The name of the service; also its service account. Default: the application's name in lower case.</summary>
    public string? Name { get; set; }

    /// <summary>Its namespace.</summary>
    /// <value>Default <c>default</c>.</value>
    public string Namespace { get; set; } = "default";

    /// <summary>Its trust domain.</summary>
    /// <value>Default <c>mesh.local</c>.</value>
    public string TrustDomain { get; set; } = "mesh.local";

    /// <summary>The conventional ID of a service of this namespace and trust domain.</summary>
    /// <param name="service">A service name, or <c>name.namespace</c>.</param>
    /// <returns><see langword="null"/> when the name cannot be part of an ID.</returns>
    public SpiffeId? IdOf(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var dot = service.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? service : service[..dot];
        var ns = dot < 0 ? Namespace : service[(dot + 1)..];
        return SpiffeId.TryParse($"spiffe://{TrustDomain}/ns/{ns}/sa/{name}", out var id) ? id : null;
    }

    internal static void Read(ConfigurationReader reader, MeshServiceOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Namespace = reader.Text(nameof(Namespace)) ?? options.Namespace;
        options.TrustDomain = reader.Text(nameof(TrustDomain)) ?? options.TrustDomain;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (!SpiffeId.IsPathSegment(Name))
        {
            errors.Add($"{path}:{nameof(Name)}", Name, "letters, digits, '.', '-' and '_'");
        }

        if (!SpiffeId.IsPathSegment(Namespace))
        {
            errors.Add($"{path}:{nameof(Namespace)}", Namespace, "letters, digits, '.', '-' and '_'");
        }

        if (!SpiffeId.IsTrustDomain(TrustDomain))
        {
            errors.Add($"{path}:{nameof(TrustDomain)}", TrustDomain, "1 to 255 characters of a-z, 0-9, '.', '-' and '_'");
        }
    }
}
