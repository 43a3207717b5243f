using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>The IDs a service may have, compiled. With none listed, the conventional ID of the service.</summary>
internal sealed class PeerMatcher
{
    private readonly SpiffeIdPattern[] _allowed;

    public PeerMatcher(IReadOnlyList<string>? allowed, SpiffeId? conventional, TrustDomainAliases? aliases = null)
    {
        Aliases = aliases ?? TrustDomainAliases.None;
        _allowed = allowed is { Count: > 0 }
            ? [.. Compile(allowed)]
            : conventional is null ? [] : [SpiffeIdPattern.Exactly(conventional)];
    }

    /// <summary>The names that count as one trust domain.</summary>
    public TrustDomainAliases Aliases { get; }

    public bool Matches(SpiffeId id)
    {
        foreach (var allowed in _allowed)
        {
            if (allowed.Matches(id, Aliases))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => _allowed.Length == 0 ? "nobody" : string.Join<SpiffeIdPattern>(", ", _allowed);

    // What cannot be read is an error of the configuration, reported with its path, and no policy comes of it.
    private static IEnumerable<SpiffeIdPattern> Compile(IReadOnlyList<string> allowed)
    {
        foreach (var text in allowed)
        {
            if (SpiffeIdPattern.TryParse(text, out var pattern))
            {
                yield return pattern;
            }
        }
    }
}
