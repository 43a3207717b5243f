using System.Collections.Frozen;

namespace Mesh.Routing.Cors;

/// <summary>Which web pages of other origins may call a rule (the CORS protocol of the Fetch standard, 3.2). Immutable.</summary>
public sealed class RouteCors
{
    private readonly FrozenSet<string> _origins;
    private readonly OriginPattern[] _patterns;

    internal RouteCors(FrozenSet<string> origins, OriginPattern[] patterns, bool allowsEveryOrigin)
    {
        _origins = origins;
        _patterns = patterns;
        AllowsEveryOrigin = allowsEveryOrigin;
    }

    /// <summary>Whether every origin may call.</summary>
    public bool AllowsEveryOrigin { get; }

    /// <summary>Whether pages may send credentials.</summary>
    public bool AllowCredentials { get; internal init; }

    /// <summary>The methods that pages may use, separated by commas; <see langword="null"/> for every one.</summary>
    public string? Methods { get; internal init; }

    /// <summary>The header fields that pages may send; empty for none, <see langword="null"/> for every one.</summary>
    public string? Headers { get; internal init; }

    /// <summary>The header fields of the response that pages may read, in the same terms.</summary>
    public string? ExposedHeaders { get; internal init; }

    /// <summary>For how many seconds a preflight holds.</summary>
    public string MaxAge { get; internal init; } = "";

    /// <summary>Whether pages of this origin may call.</summary>
    public bool Allows(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        if (AllowsEveryOrigin || _origins.Contains(origin))
        {
            return true;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Holds(origin))
            {
                return true;
            }
        }

        return false;
    }
}
