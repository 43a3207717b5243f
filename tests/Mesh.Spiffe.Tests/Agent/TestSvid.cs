using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Mesh.Identity;

namespace Mesh.Spiffe.Tests.Agent;

/// <summary>Messages as an agent sends them, from an authority of the test.</summary>
internal sealed class TestSvid(CertificateIssuer authority)
{
    public static CertificateIssuer Authority(string trustDomain = "shop.example") =>
        CertificateIssuer.Create(trustDomain, $"authority of {trustDomain}", TimeSpan.FromDays(1), DateTimeOffset.UtcNow);

    public X509SVID Issue(string service, string hint = "", TimeSpan? lifetime = null)
    {
        var id = SpiffeId.ForService(authority.TrustDomain, "shop", service);
        using var leaf = authority.Issue(id, lifetime ?? TimeSpan.FromHours(1), DateTimeOffset.UtcNow);
        using var key = leaf.GetECDsaPrivateKey()!;
        return new X509SVID
        {
            SpiffeId = id.ToString(),
            X509Svid = ByteString.CopyFrom(leaf.RawData),
            X509SvidKey = ByteString.CopyFrom(key.ExportPkcs8PrivateKey()),
            Bundle = ByteString.CopyFrom(authority.Anchor.RawData),
            Hint = hint,
        };
    }

    public X509SVIDResponse Response(string service, params CertificateIssuer[] federated)
    {
        var response = new X509SVIDResponse { Svids = { Issue(service) } };
        foreach (var other in federated)
        {
            response.FederatedBundles[$"spiffe://{other.TrustDomain}"] = ByteString.CopyFrom(other.Anchor.RawData);
        }

        return response;
    }
}
