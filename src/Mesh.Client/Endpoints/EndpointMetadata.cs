using System.Collections.Frozen;
using Mesh.Identity;

namespace Mesh.Client.Endpoints;

/// <summary>
/// What discovery knows about an endpoint beside its address. A discovery provider attaches it with
/// <c>endpoint.Features.Set(new EndpointMetadata { … })</c>; in configuration it stands beside the address.
/// </summary>
/// <example>
/// <code>
/// var endpoint = ServiceEndpoint.Create(address);
/// endpoint.Features.Set(new EndpointMetadata { Weight = 5, Zone = "eu-1a", Version = "v2" });
/// endpoints.Endpoints.Add(endpoint);
/// </code>
/// </example>
public sealed record EndpointMetadata
{
    /// <summary>The largest weight.</summary>
    public const int MaxWeight = 1_000_000;

    /// <summary>The largest number of a priority, as in a DNS SRV record.</summary>
    public const int MaxPriority = 65_535;

    private readonly FrozenDictionary<string, string> _labels = FrozenDictionary<string, string>.Empty;

    /// <summary>What an endpoint has about which discovery says nothing.</summary>
    public static EndpointMetadata Default { get; } = new();

    /// <summary>Its share of calls relative to the other endpoints: 1 to <see cref="MaxWeight"/>.</summary>
    /// <value>Default 1.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Weight
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxWeight);
            field = value;
        }
    } = 1;

    /// <summary>Its order of preference, 0 to <see cref="MaxPriority"/>: endpoints of priority 1 get calls when those of 0 are not enough.</summary>
    /// <value>Default 0, the first.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Priority
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxPriority);
            field = value;
        }
    }

    /// <summary>The region it runs in, for example <c>eu-west</c>.</summary>
    public string? Region { get; init; }

    /// <summary>The zone of the region, for example <c>eu-west-1a</c>.</summary>
    public string? Zone { get; init; }

    /// <summary>The part of the zone: a rack, a host.</summary>
    public string? SubZone { get; init; }

    /// <summary>The version it runs, for example <c>v2</c>.</summary>
    public string? Version { get; init; }

    /// <summary>Who it is, where that is known for the endpoint and not only for the service.</summary>
    public SpiffeId? Identity { get; init; }

    /// <summary>Whatever else subsets are chosen by. Names and values compare exactly.</summary>
    public IReadOnlyDictionary<string, string> Labels
    {
        get => _labels;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _labels = value.ToFrozenDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// The value of a label. <c>version</c>, <c>region</c>, <c>zone</c> and <c>subzone</c> mean the properties of these
    /// names where no label has the name.
    /// </summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    public string? Label(string name) => _labels.TryGetValue(name, out var value)
        ? value
        : name switch
        {
            "version" => Version,
            "region" => Region,
            "zone" => Zone,
            "subzone" => SubZone,
            _ => null,
        };

    /// <inheritdoc/>
    public bool Equals(EndpointMetadata? other) => ReferenceEquals(this, other)
        || (other is not null
            && Weight == other.Weight
            && Priority == other.Priority
            && Region == other.Region
            && Zone == other.Zone
            && SubZone == other.SubZone
            && Version == other.Version
            && Identity == other.Identity
            && HasSameLabels(other));

    /// <inheritdoc/>
    // Labels are left out: endpoints that differ in nothing else are few.
    public override int GetHashCode() => HashCode.Combine(Weight, Priority, Region, Zone, SubZone, Version, Identity);

    private bool HasSameLabels(EndpointMetadata other)
    {
        if (_labels.Count != other._labels.Count)
        {
            return false;
        }

        foreach (var (name, value) in _labels)
        {
            if (!other._labels.TryGetValue(name, out var others) || others != value)
            {
                return false;
            }
        }

        return true;
    }
}
