using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Mesh.Identity;
using Mesh.Spiffe.Protocol;

namespace Mesh.Spiffe;

/// <summary>Makes an identity of what the agent has sent. A message is one whole state: with anything wrong in it, nothing of it counts.</summary>
internal static class X509Response
{
    private const string Scheme = "spiffe://";

    /// <exception cref="FormatException">The message is no identity; says what is wrong, never what the key is.</exception>
    public static X509Identity Read(X509SVIDResponse response, string? hint)
    {
        var svid = Choose(response, hint);
        var chain = DerCertificates.Parse(svid.X509Svid.Span, "the SVID");
        var leaf = WithKey(chain[0], svid.X509SvidKey);
        X509Identity identity;
        try
        {
            identity = new X509Identity(leaf, [.. chain.Skip(1)], Trust(response, svid));
        }
        catch (MeshIdentityException exception)
        {
            throw new FormatException(exception.Message, exception);
        }

        return identity.Id.ToString() == svid.SpiffeId
            ? identity
            : throw new FormatException($"the SVID is said to be of '{Quote(svid.SpiffeId)}' and its certificate is of '{identity.Id}'");
    }

    private static X509SVID Choose(X509SVIDResponse response, string? hint)
    {
        if (response.Svids.Count == 0)
        {
            throw new FormatException("there is no SVID in it");
        }

        if (string.IsNullOrEmpty(hint))
        {
            return response.Svids[0];
        }

        foreach (var svid in response.Svids)
        {
            if (svid.Hint == hint)
            {
                return svid;
            }
        }

        throw new FormatException($"none of its {response.Svids.Count} SVIDs has the hint '{hint}'; it has {string.Join(", ", response.Svids.Select(static svid => $"'{Quote(svid.Hint)}'"))}");
    }

    private static TrustBundles Trust(X509SVIDResponse response, X509SVID svid)
    {
        if (!SpiffeId.TryParse(svid.SpiffeId, out var id))
        {
            throw new FormatException($"'{Quote(svid.SpiffeId)}' is not a SPIFFE ID");
        }

        var anchors = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal)
        {
            [id.TrustDomain] = DerCertificates.Parse(svid.Bundle.Span, $"the bundle of '{id.TrustDomain}'"),
        };
        foreach (var (name, bundle) in response.FederatedBundles)
        {
            var domain = name.StartsWith(Scheme, StringComparison.Ordinal) ? name[Scheme.Length..] : name;
            if (!SpiffeId.IsTrustDomain(domain))
            {
                throw new FormatException($"the bundle of '{Quote(name)}' is of no trust domain");
            }

            // Nobody else says whom to trust in our own name.
            if (domain != id.TrustDomain)
            {
                anchors[domain] = DerCertificates.Parse(bundle.Span, $"the bundle of '{domain}'");
            }
        }

        return new TrustBundles(anchors);
    }

    private static X509Certificate2 WithKey(X509Certificate2 leaf, ByteString key)
    {
        try
        {
            using var withKey = Import(leaf, key);
            return OperatingSystem.IsWindows()
                ? X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null) // SChannel cannot use an ephemeral key
                : new X509Certificate2(withKey);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // Without the inner message: it is about the key.
            throw new FormatException("the key does not belong to the certificate, or is not PKCS #8");
        }
    }

    private static X509Certificate2 Import(X509Certificate2 leaf, ByteString key)
    {
        switch (leaf.PublicKey.Oid.Value)
        {
            case "1.2.840.10045.2.1":
                using (var ec = ECDsa.Create())
                {
                    ec.ImportPkcs8PrivateKey(key.Span, out _);
                    return leaf.CopyWithPrivateKey(ec);
                }

            case "1.2.840.113549.1.1.1":
                using (var rsa = RSA.Create())
                {
                    rsa.ImportPkcs8PrivateKey(key.Span, out _);
                    return leaf.CopyWithPrivateKey(rsa);
                }

            default:
                throw new FormatException($"keys of the kind '{leaf.PublicKey.Oid.FriendlyName ?? leaf.PublicKey.Oid.Value}' are not supported: RSA and ECDSA are");
        }
    }

    private static string Quote(string text) => string.Concat((text.Length <= 128 ? text : $"{text[..128]}…").Select(static c => char.IsControl(c) ? '?' : c));
}
