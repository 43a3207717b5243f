using System.Security.Cryptography.X509Certificates;

namespace Mesh.Identity;

/// <summary>
/// What a peer presented in a handshake, kept with the connection so that it can be judged again when the trust bundles
/// change: a connection must not outlive the anchor it depends on.
/// </summary>
/// <remarks>Holds encoded certificates and no handles, because <c>SslStream</c> disposes its own.</remarks>
public sealed class PresentedChain
{
    private readonly ReadOnlyMemory<byte> _leaf;
    private readonly ReadOnlyMemory<byte>[] _others;

    /// <summary>Copies the certificates of a handshake.</summary>
    /// <param name="leaf">The peer's own certificate.</param>
    /// <param name="others">The other certificates it sent; may be <see langword="null"/>.</param>
    public PresentedChain(X509Certificate2 leaf, X509Certificate2Collection? others)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        _leaf = leaf.RawDataMemory;
        ExpiresAt = new DateTimeOffset(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        _others = others is { Count: > 0 } ? new ReadOnlyMemory<byte>[others.Count] : [];
        for (var i = 0; i < _others.Length; i++)
        {
            _others[i] = others![i].RawDataMemory;
        }
    }

    /// <summary>When the peer's own certificate expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Describes the peer's own certificate the way Envoy does.</summary>
    /// <param name="by">The ID of this process; <see langword="null"/> leaves it out.</param>
    public ForwardedClientCertificate Describe(SpiffeId? by)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(_leaf.Span);
        return ForwardedClientCertificate.Describe(leaf, by);
    }

    /// <summary>Judges the peer anew against <paramref name="trust"/>.</summary>
    /// <param name="trust">The bundles in force.</param>
    /// <param name="now">The present. A certificate that has run out since the handshake is judged as of its last moment: its connection is old, not false.</param>
    /// <param name="aliases">The names that count as one trust domain; default none.</param>
    public PeerVerdict VerifyAgain(TrustBundles trust, DateTimeOffset now, TrustDomainAliases? aliases = null)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(_leaf.Span);
        var others = new X509Certificate2Collection();
        try
        {
            foreach (var other in _others)
            {
                others.Add(X509CertificateLoader.LoadCertificate(other.Span));
            }

            return PeerVerifier.Verify(leaf, others, trust, now < ExpiresAt ? now : ExpiresAt, aliases);
        }
        finally
        {
            foreach (var other in others)
            {
                other.Dispose();
            }
        }
    }
}
