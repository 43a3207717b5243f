using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>
/// Issues certificates that both worlds can use: a SPIFFE ID for the mesh, and a host name for those who know nothing else.
/// </summary>
internal sealed class InteropAuthority(string trustDomain)
{
    private const string Names = "2.5.29.17";
    private const int Dns = 2, Uri = 6;

    // A name of its own: openssl completes a chain by names alone, and breaks off over what does not fit.
    private readonly Forged _root = Forge.Authority($"interop {Guid.NewGuid()}").SelfSigned(DateTimeOffset.UtcNow);

    public X509Identity Issue(string service)
    {
        var leaf = Sign(service, TimeSpan.FromHours(1));
        return new X509Identity(leaf.WithKey(), [], new TrustBundles(trustDomain, _root.Certificate));
    }

    /// <summary>Writes <c>cert.pem</c>, <c>key.pem</c> and <c>ca.pem</c> of a service into a directory of its own.</summary>
    public DirectoryInfo Write(string service, bool expired = false, InteropAuthority? trusts = null)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-interop-");
        var leaf = Sign(service, expired ? TimeSpan.FromMinutes(-5) : TimeSpan.FromHours(1));
        File.WriteAllText(Path.Combine(directory.FullName, "cert.pem"), leaf.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory.FullName, "key.pem"), leaf.Key.ExportPem());
        File.WriteAllText(Path.Combine(directory.FullName, "ca.pem"), (trusts ?? this)._root.Certificate.ExportCertificatePem());
        return directory;
    }

    private Forged Sign(string service, TimeSpan until) => new Forge
    {
        Subject = $"CN={service}",
        Uris = null,
        Until = until,
        Extra =
        [
            (Names, false, Forge.Names(
                (Uri, Encoding.ASCII.GetBytes($"spiffe://{trustDomain}/ns/shop/sa/{service}")),
                (Dns, Encoding.ASCII.GetBytes(service)))),
        ],
    }.Sign(_root, DateTimeOffset.UtcNow);
}
