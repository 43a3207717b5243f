using System.Collections.Immutable;

namespace Mesh.Routing;

/// <summary>Changes to header fields. No field is named twice, so the order of the changes does not matter.</summary>
public sealed class HeaderModifier
{
    internal HeaderModifier(ImmutableArray<RouteHeader> set, ImmutableArray<RouteHeader> add, ImmutableArray<string> remove)
    {
        Set = set;
        Add = add;
        Remove = remove;
    }

    /// <summary>Fields whose values are replaced.</summary>
    public ImmutableArray<RouteHeader> Set { get; }

    /// <summary>Fields that get one more value.</summary>
    public ImmutableArray<RouteHeader> Add { get; }

    /// <summary>Names of fields that are taken away.</summary>
    public ImmutableArray<string> Remove { get; }
}
