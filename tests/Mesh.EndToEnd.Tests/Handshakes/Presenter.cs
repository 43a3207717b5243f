using System.Net.Security;
using System.Security.Cryptography;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>One chain of the corpus, ready to be presented.</summary>
internal sealed class Presenter
{
    public Presenter(ChainCase chain)
    {
        Case = chain;

        // The platform neither loads a malformed certificate with its key nor sends along what it cannot build a path from,
        // and OpenSSL under it holds back what is too weak.
        if (chain.Expected != PeerRefusal.WeakCryptography && TryCreate(chain) is { } context && chain.Others.All(context.IntermediateCertificates.Contains))
        {
            Context = context;
        }
    }

    public ChainCase Case { get; }

    /// <summary>The chain for the platform's own TLS; <see langword="null"/> when only the openssl tool can present it as it is.</summary>
    public SslStreamCertificateContext? Context { get; }

    /// <summary>Whether TLS ends before a client of the mesh sees the certificate.</summary>
    public bool FailsBeforeClient => Case.Name is "malformed purposes" || IsUnspeakable;

    /// <summary>Whether TLS ends before a server of the mesh sees the certificate, or without one.</summary>
    /// <remarks>
    /// OpenSSL builds a path of its own first. What it finds there is ignored, but on the server's side some of its errors
    /// stay behind and end the handshake.
    /// </remarks>
    public bool FailsBeforeServer => IsUnspeakable || Case.Name is "names twice" or "names cut short" or "names of a wrong type"
        or "malformed key usage" or "malformed purposes" or "malformed basic constraints" or "key usage twice"
        or "stranger with the name of an intermediate" or "false signature below an anchor that is not self-signed";

    // TLS 1.3 has no name for signatures with such keys.
    private bool IsUnspeakable => Case.Name is "curve secp256k1" or "curve P-224";

    private static SslStreamCertificateContext? TryCreate(ChainCase chain)
    {
        try
        {
            return SslStreamCertificateContext.Create(chain.Leaf.WithKey(), [.. chain.Others], offline: true);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
