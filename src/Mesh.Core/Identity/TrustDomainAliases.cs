using System.Runtime.CompilerServices;

namespace Mesh.Identity;

/// <summary>
/// The names under which one mesh is known: its trust domain and the former or future ones of
/// <see cref="MeshServiceOptions.TrustDomainAliases"/>. As in Istio's migration of a trust domain, a peer of any of them is
/// treated as if it were of each of them.
/// </summary>
/// <remarks>
/// Two things follow, and no more. A peer is verified against the bundle of the name in its own certificate; only where
/// there is no bundle of that name, against that of the first name here that has one, and never against several. Where its
/// ID is compared with an expected one, each of its names counts.
/// </remarks>
public sealed class TrustDomainAliases
{
    private readonly string[] _names;

    // Filled once per connection; an entry goes with the ID of the peer.
    private readonly ConditionalWeakTable<SpiffeId, string[]> _principals = [];

    /// <summary>Creates the set of names.</summary>
    /// <param name="trustDomain">The trust domain of this process.</param>
    /// <param name="aliases">Its other names; may be empty.</param>
    /// <exception cref="ArgumentException">One of them is not a trust domain.</exception>
    public TrustDomainAliases(string trustDomain, IEnumerable<string> aliases)
    {
        ArgumentNullException.ThrowIfNull(aliases);
        _names = [.. aliases.Prepend(trustDomain).Distinct(StringComparer.Ordinal)];
        if (_names.FirstOrDefault(static name => !SpiffeId.IsTrustDomain(name)) is { } wrong)
        {
            throw new ArgumentException($"'{wrong}' is not a trust domain.", nameof(aliases));
        }
    }

    private TrustDomainAliases() => _names = [];

    /// <summary>No aliases: every trust domain has its own name only.</summary>
    public static TrustDomainAliases None { get; } = new();

    /// <summary>Whether two trust domains are the same one, by name or by alias.</summary>
    public bool AreSame(string first, string second) =>
        string.Equals(first, second, StringComparison.Ordinal) || (Covers(first) && Covers(second));

    /// <summary>The names of a trust domain: all of them when it is one of these, otherwise empty.</summary>
    internal ReadOnlySpan<string> NamesOf(string trustDomain) => _names.Length > 1 && Covers(trustDomain) ? _names : [];

    /// <summary>The principals of a peer under each name of its trust domain; empty when it has but its own.</summary>
    internal ReadOnlySpan<string> PrincipalsOf(SpiffeId peer)
    {
        if (NamesOf(peer.TrustDomain).IsEmpty)
        {
            return [];
        }

        return _principals.TryGetValue(peer, out var principals) ? principals : _principals.GetValue(peer, MakePrincipals);
    }

    private string[] MakePrincipals(SpiffeId peer) => Array.ConvertAll(_names, name => $"{name}{peer.Path}");

    private bool Covers(string trustDomain) => Array.IndexOf(_names, trustDomain) >= 0;
}
