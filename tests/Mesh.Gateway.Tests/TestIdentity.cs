using Mesh.Identity;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Tests;

/// <summary>An identity from a CA that lives as long as the tests.</summary>
internal sealed class TestIdentity(string service) : IIdentitySource
{
    private static readonly CertificateIssuer Issuer = CertificateIssuer.Create("mesh.local", "test", TimeSpan.FromHours(1), DateTimeOffset.UtcNow);

    public X509Identity Current { get; } = new(
        Issuer.Issue(SpiffeId.ForService("mesh.local", "default", service), TimeSpan.FromHours(1), DateTimeOffset.UtcNow),
        [],
        new TrustBundles("mesh.local", Issuer.Anchor));

    public IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
