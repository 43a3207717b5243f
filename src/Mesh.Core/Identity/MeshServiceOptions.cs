using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>Who this process is: section <c>Mesh:Service</c>.</summary>
public sealed class MeshServiceOptions
{
    private const string TrustDomainRule = "1 to 255 characters of a-z, 0-9, '.', '-' and '_'";

    /// <summary>The name of the service; also its service account. Default: the application's name in lower case.</summary>
    public string? Name { get; set; }

    /// <summary>Its namespace.</summary>
    /// <value>Default <c>default</c>.</value>
    public string Namespace { get; set; } = "default";

    /// <summary>Its trust domain.</summary>
    /// <value>Default <c>mesh.local</c>.</value>
    public string TrustDomain { get; set; } = "mesh.local";

    /// <summary>
    /// Other names of the same mesh, for the time of a change of its trust domain: peers of all these names are treated alike.
    /// See <see cref="TrustDomainAliases"/>.
    /// </summary>
    /// <value>Default: none.</value>
    public List<string>? TrustDomainAliases { get; set; }

    /// <summary>The region this process runs in, for example <c>eu-west</c>: calls prefer endpoints of the same.</summary>
    public string? Region { get; set; }

    /// <summary>The zone of the region, for example <c>eu-west-1a</c>.</summary>
    public string? Zone { get; set; }

    /// <summary>The part of the zone: a rack, a host.</summary>
    public string? SubZone { get; set; }

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
        options.Region = LocalityOf(reader, nameof(Region)) ?? options.Region;
        options.Zone = LocalityOf(reader, nameof(Zone)) ?? options.Zone;
        options.SubZone = LocalityOf(reader, nameof(SubZone)) ?? options.SubZone;
        options.TrustDomainAliases = reader.Texts(nameof(TrustDomainAliases)) ?? options.TrustDomainAliases;
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
            errors.Add($"{path}:{nameof(TrustDomain)}", TrustDomain, TrustDomainRule);
        }

        for (var i = 0; i < TrustDomainAliases?.Count; i++)
        {
            if (!SpiffeId.IsTrustDomain(TrustDomainAliases[i]))
            {
                errors.Add($"{path}:{nameof(TrustDomainAliases)}:{i}", TrustDomainAliases[i], TrustDomainRule);
            }
        }
    }

    // An empty value is how environment variables say "unknown".
    private static string? LocalityOf(ConfigurationReader reader, string name) => reader.Text(name) is { Length: > 0 } text ? text : null;
}
