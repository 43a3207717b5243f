using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>The IDs a service may have, compiled. With none listed, the conventional ID of the service.</summary>
internal sealed class PeerMatcher
{
    private readonly SpiffeIdPattern[] _allowed;
    private readonly bool _isConvention;

    public PeerMatcher(IReadOnlyList<string>? allowed, SpiffeId? conventional, TrustDomainAliases? aliases = null)
    {
        Aliases = aliases ?? TrustDomainAliases.None;
        _isConvention = allowed is not { Count: > 0 };
        _allowed = allowed is { Count: > 0 }
            ? [.. Compile(allowed)]
            : conventional is null ? [] : [SpiffeIdPattern.Exactly(conventional)];
    }

    /// <summary>The names that count as one trust domain.</summary>
    public TrustDomainAliases Aliases { get; }

    /// <summary>Whether a peer may be the service.</summary>
    /// <param name="id">Who the peer proved to be.</param>
    /// <param name="known">Who the endpoint is, where discovery knows: it stands before the convention, and beside what is configured.</param>
    public bool Matches(SpiffeId id, SpiffeId? known)
    {
        if (known is not null)
        {
            if (id.Path != known.Path || !Aliases.AreSame(id.TrustDomain, known.TrustDomain))
            {
                return false;
            }

            if (_isConvention)
            {
                return true;
            }
        }

        foreach (var allowed in _allowed)
        {
            if (allowed.Matches(id, Aliases))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Who is allowed, for messages.</summary>
    public string Describe(SpiffeId? known) => known switch
    {
        null => ToString(),
        _ when _isConvention => $"{known}, as discovery says of the endpoint",
        _ => $"{this}, and {known}, as discovery says of the endpoint",
    };

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
