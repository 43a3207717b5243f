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
