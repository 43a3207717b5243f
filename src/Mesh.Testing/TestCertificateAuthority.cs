using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Testing;

/// <summary>A certificate authority of a test: issues identities for any service of its trust domain, good ones and bad ones.</summary>
/// <example>
/// <code>
/// using var authority = new TestCertificateAuthority("shop.example", "shop");
/// var orders = authority.Issue("orders"); // spiffe://shop.example/ns/shop/sa/orders
/// </code>
/// </example>
public sealed class TestCertificateAuthority : IDisposable
{
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromHours(1);

    // Old and long-lived enough for leaves that expired yesterday or begin tomorrow.
    private static readonly TimeSpan Age = TimeSpan.FromDays(2);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private readonly CertificateIssuer _issuer;
    private readonly TimeProvider _time;

    /// <summary>Creates an authority with a new key.</summary>
    /// <param name="trustDomain">Its trust domain.</param>
    /// <param name="ns">The namespace of services that are named without one.</param>
    /// <param name="time">The clock that decides what is valid now. Default: the system's.</param>
    public TestCertificateAuthority(string trustDomain = "mesh.test", string ns = "default", TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _issuer = CertificateIssuer.Create(trustDomain, $"Test CA ({trustDomain})", Lifetime, _time.GetUtcNow() - Age);
        Namespace = ns;
        Trust = new TrustBundles(trustDomain, _issuer.Anchor);
    }

    /// <summary>Its trust domain.</summary>
    public string TrustDomain => _issuer.TrustDomain;

    /// <summary>The namespace of services that are named without one.</summary>
    public string Namespace { get; }

    /// <summary>The certificate that its peers are verified against.</summary>
    public X509Certificate2 Anchor => _issuer.Anchor;

    /// <summary>The trust of its identities: itself, and nobody else.</summary>
    public TrustBundles Trust { get; }

    /// <summary>The ID of a service.</summary>
    /// <param name="service">A name, <c>name.namespace</c>, or a whole SPIFFE ID.</param>
    public SpiffeId IdOf(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        if (service.Contains("://", StringComparison.Ordinal))
        {
            return SpiffeId.Parse(service);
        }

        var options = new MeshServiceOptions { Namespace = Namespace, TrustDomain = TrustDomain };
        return options.IdOf(service) ?? throw new ArgumentException($"'{service}' cannot be part of a SPIFFE ID.", nameof(service));
    }

    /// <summary>Issues an identity that is valid for an hour.</summary>
    /// <param name="service">A name, <c>name.namespace</c>, or a whole SPIFFE ID of this trust domain.</param>
    /// <param name="trust">Whom it trusts. Default: <see cref="Trust"/>.</param>
    public X509Identity Issue(string service, TrustBundles? trust = null) => Issue(service, TimeSpan.Zero, trust);

    /// <summary>Issues an identity that expired a day ago.</summary>
    /// <param name="service">A name, <c>name.namespace</c>, or a whole SPIFFE ID of this trust domain.</param>
    public X509Identity IssueExpired(string service) => Issue(service, TimeSpan.FromDays(-1) - LeafLifetime, null);

    /// <summary>Issues an identity that becomes valid in a day.</summary>
    /// <param name="service">A name, <c>name.namespace</c>, or a whole SPIFFE ID of this trust domain.</param>
    public X509Identity IssueNotYetValid(string service) => Issue(service, TimeSpan.FromDays(1), null);

    /// <summary>Issues an identity and makes it the one of a process.</summary>
    /// <param name="service">A name, <c>name.namespace</c>, or a whole SPIFFE ID of this trust domain.</param>
    public TestIdentitySource CreateSource(string service) => new(Issue(service));

    /// <inheritdoc/>
    public void Dispose() => _issuer.Dispose();

    private X509Identity Issue(string service, TimeSpan shift, TrustBundles? trust) =>
        new(_issuer.Issue(IdOf(service), LeafLifetime, _time.GetUtcNow() + shift), [], trust ?? Trust);
}
