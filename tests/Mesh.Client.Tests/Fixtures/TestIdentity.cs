using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>One trust domain with its authority, and identities it issues.</summary>
internal sealed class TestAuthority
{
    private readonly CertificateIssuer _issuer;
    private readonly TrustBundles _trust;
    private readonly ConcurrentDictionary<string, X509Identity> _issued = new();

    public TestAuthority(string trustDomain)
    {
        TrustDomain = trustDomain;
        _issuer = CertificateIssuer.Create(trustDomain, $"CA of {trustDomain}", TimeSpan.FromHours(1), DateTimeOffset.UtcNow);
        _trust = new TrustBundles(trustDomain, _issuer.Anchor);
    }

    public static TestAuthority Shop { get; } = new("shop.example");

    public static TestAuthority Stranger { get; } = new("stranger.example");

    public string TrustDomain { get; }

    public X509Certificate2 Anchor => _issuer.Anchor;

    /// <summary>The identity of a service; issued once, because keys and PKCS#12 are slow.</summary>
    public FixedIdentity Identity(string service) => new(_issued.GetOrAdd(service, name => Issue(name, TimeSpan.FromMinutes(30))));

    /// <summary>Another identity of a service, as after a rotation.</summary>
    /// <param name="service">The service.</param>
    /// <param name="trust">Whom it trusts. Default: this authority.</param>
    public X509Identity IssueAnew(string service, TrustBundles? trust = null) => Issue(service, TimeSpan.FromMinutes(30), trust);

    private X509Identity Issue(string service, TimeSpan lifetime, TrustBundles? trust = null) => new(
        _issuer.Issue(SpiffeId.ForService(TrustDomain, "shop", service), lifetime, DateTimeOffset.UtcNow),
        [],
        trust ?? _trust);
}

internal sealed class FixedIdentity(X509Identity identity) : IIdentitySource
{
    private volatile X509Identity _current = identity;
    private ConfigurationReloadToken _changed = new();

    public X509Identity Current
    {
        get => _current;
        set => _current = value;
    }

    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    /// <summary>Replaces it and tells everybody who listens.</summary>
    public void Rotate(X509Identity next)
    {
        _current = next;
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }
}
