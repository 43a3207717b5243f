using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>
/// The trust anchors of each trust domain. A peer is verified against the anchors of the domain its own certificate
/// names, never against a union: an anchor of one domain must not be able to vouch for another (X.509-SVID, 5.2).
/// </summary>
public sealed class TrustBundles
{
    private readonly FrozenDictionary<string, X509Certificate2Collection> _anchors;

    /// <summary>Creates the set from anchors by trust domain.</summary>
    /// <exception cref="ArgumentException">A key is not a trust domain.</exception>
    public TrustBundles(IEnumerable<KeyValuePair<string, X509Certificate2Collection>> anchors)
    {
        _anchors = anchors.ToFrozenDictionary(StringComparer.Ordinal);
        foreach (var domain in _anchors.Keys)
        {
            if (!SpiffeId.IsTrustDomain(domain))
            {
                throw new ArgumentException($"'{domain}' is not a trust domain.", nameof(anchors));
            }
        }
    }

    /// <summary>Creates the set of one trust domain.</summary>
    public TrustBundles(string trustDomain, params X509Certificate2[] anchors)
        : this([new(trustDomain, [.. anchors])])
    {
    }

    /// <summary>The trust domains that have a bundle, in order.</summary>
    public IEnumerable<string> TrustDomains => _anchors.Keys.Order(StringComparer.Ordinal);

    /// <summary>Creates the set from bundles by trust domain.</summary>
    /// <exception cref="ArgumentException">A key is not a trust domain.</exception>
    public static TrustBundles From(IEnumerable<KeyValuePair<string, SpiffeBundle>> bundles) =>
        new(bundles.Select(static bundle => KeyValuePair.Create(bundle.Key, Collect(bundle.Value))));

    /// <summary>This set with the bundle of one trust domain put in, or in the place of the one there was.</summary>
    internal TrustBundles With(string trustDomain, SpiffeBundle bundle) =>
        new(_anchors.Where(anchors => anchors.Key != trustDomain).Append(new(trustDomain, Collect(bundle))));

    /// <summary>Whether both hold the same anchors for the same trust domains.</summary>
    internal bool SameAs(TrustBundles other) =>
        _anchors.Count == other._anchors.Count
        && _anchors.All(pair => other._anchors.TryGetValue(pair.Key, out var anchors) && SameAnchors(pair.Value, anchors));

    private static X509Certificate2Collection Collect(SpiffeBundle bundle) => [.. bundle.X509Authorities];

    private static bool SameAnchors(X509Certificate2Collection first, X509Certificate2Collection second) =>
        first.Count == second.Count && first.All(second.Contains);

    /// <summary>The bundle of the first of <paramref name="aliases"/> that has one, where the trust domain has none itself; never a union.</summary>
    internal X509Certificate2Collection? Find(string trustDomain, TrustDomainAliases aliases)
    {
        if (_anchors.TryGetValue(trustDomain, out var anchors))
        {
            return anchors;
        }

        foreach (var name in aliases.NamesOf(trustDomain))
        {
            if (_anchors.TryGetValue(name, out anchors))
            {
                return anchors;
            }
        }

        return null;
    }
}
