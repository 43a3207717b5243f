using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>The IDs a service may have, compiled. With none listed, the conventional ID of the service.</summary>
internal sealed class PeerMatcher
{
    public const string Wildcard = "/*";

    private readonly string[] _allowed;

    public PeerMatcher(IReadOnlyList<string>? allowed, SpiffeId? conventional) =>
        _allowed = allowed is { Count: > 0 } ? [.. allowed] : conventional is null ? [] : [conventional.ToString()];

    public bool Matches(SpiffeId id)
    {
        var text = id.ToString();
        foreach (var allowed in _allowed)
        {
            // The wildcard keeps its slash, so that "…/ns/shop/*" does not match "…/ns/shopping/…".
            if (allowed.EndsWith(Wildcard, StringComparison.Ordinal)
                ? text.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.Ordinal)
                : string.Equals(text, allowed, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => _allowed.Length == 0 ? "nobody" : string.Join(", ", _allowed);
}
