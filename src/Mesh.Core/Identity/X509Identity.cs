using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>An X.509-SVID with its private key, and the trust bundles its peers are verified against. Immutable.</summary>
public sealed class X509Identity
{
    /// <summary>Creates an identity from a leaf certificate that has its private key.</summary>
    /// <param name="leaf">The leaf, with its private key. The identity does not own it: handshakes in flight may outlive a rotation.</param>
    /// <param name="intermediates">The chain above the leaf, without the root; may be empty.</param>
    /// <param name="trust">The bundles to verify peers against.</param>
    /// <exception cref="MeshIdentityException">The leaf has no private key, or is not an X.509-SVID.</exception>
    public X509Identity(X509Certificate2 leaf, X509Certificate2Collection intermediates, TrustBundles trust)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(intermediates);
        ArgumentNullException.ThrowIfNull(trust);
        if (!leaf.HasPrivateKey)
        {
            throw new MeshIdentityException("The certificate of this identity has no private key.");
        }

        var svid = X509Svid.Read(leaf);
        Id = svid.Id ?? throw new MeshIdentityException($"The certificate of this identity is not an X.509-SVID: {svid.Error}.");
        Leaf = leaf;
        Trust = trust;

        // Offline: a handshake must never go to the network for an intermediate.
        CertificateContext = SslStreamCertificateContext.Create(leaf, intermediates, offline: true);
    }

    private X509Identity(X509Identity other, TrustBundles trust)
    {
        Id = other.Id;
        Leaf = other.Leaf;
        CertificateContext = other.CertificateContext;
        Trust = trust;
    }

    /// <summary>The SPIFFE ID in the leaf.</summary>
    public SpiffeId Id { get; }

    /// <summary>The leaf certificate.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>Leaf and intermediates, prepared for handshakes.</summary>
    public SslStreamCertificateContext CertificateContext { get; }

    /// <summary>The bundles to verify peers against.</summary>
    public TrustBundles Trust { get; }

    /// <summary>When the leaf expires.</summary>
    public DateTimeOffset ExpiresAt => new(Leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    internal X509Identity WithTrust(TrustBundles trust) => new(this, trust);
}
