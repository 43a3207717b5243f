using Mesh.Identity;
using Mesh.Tests.Certificates;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>A good identity that trusts the bundles of the corpus.</summary>
internal sealed class CorpusIdentity : IIdentitySource
{
    public CorpusIdentity(CertificateCorpus corpus)
    {
        var leaf = new Forge { Uris = ["spiffe://shop.example/ns/shop/sa/storefront"] }.Sign(corpus.Trust.Root, corpus.Trust.Now);
        Current = new X509Identity(leaf.WithKey(), [], corpus.Trust.Bundles);
    }

    public X509Identity Current { get; }

    public IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
