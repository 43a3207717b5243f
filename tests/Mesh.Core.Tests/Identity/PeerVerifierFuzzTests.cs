using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.Core.Tests.Identity;

/// <summary>Certificates come from strangers: whatever is in them, the verifier answers, soon, and accepts no forgery.</summary>
public sealed class PeerVerifierFuzzTests
{
    private static readonly TestTrust Trust = new(TestLeaf.Now);
    private static readonly Forged Intermediate = Forge.Authority("intermediate", ["spiffe://shop.example"]).Sign(Trust.Root, TestLeaf.Now);
    private static readonly X509Certificate2 Leaf = new Forge().Sign(Intermediate, TestLeaf.Now).Certificate;

    private static Gen<byte[]> Mutations(X509Certificate2 certificate) =>
        Gen.Select(Gen.Int[0, certificate.RawData.Length - 1], Gen.Byte).Array[1, 3].Select(changes =>
        {
            var der = certificate.RawData;
            foreach (var (at, octet) in changes)
            {
                der[at] = octet;
            }

            return der;
        });

    [Test]
    public void Verify_LeafWithOctetsChanged_NeitherThrowsNorAccepts() => Mutations(Leaf).Sample(static der =>
        Load(der) is not { } leaf || der.AsSpan().SequenceEqual(Leaf.RawData) || !Verify(leaf, [Intermediate.Certificate]).Accepted);

    [Test]
    public void Verify_IntermediateWithOctetsChanged_NeitherThrowsNorAccepts() => Mutations(Intermediate.Certificate).Sample(static der =>
        Load(der) is not { } intermediate || der.AsSpan().SequenceEqual(Intermediate.Certificate.RawData) || !Verify(Leaf, [intermediate]).Accepted);

    [Test]
    public void Verify_LeafWithAnyNames_NeverThrows() => Gen.Byte.Array[0, 40].Sample(static octets =>
    {
        var leaf = new Forge { Key = ForgedKey.Rsa2048(), Uris = null, Extra = [("2.5.29.17", false, octets)] }.Sign(Trust.Root, TestLeaf.Now).Certificate;
        return !Verify(leaf, []).Accepted;
    });

    [Test]
    public void Verify_VeryManyNamesAndCertificates_EndsSoon()
    {
        var names = new Forge { Uris = [.. Enumerable.Repeat("spiffe://shop.example/a", 20_000)] }.Sign(Trust.Root, TestLeaf.Now).Certificate;
        var many = new X509Certificate2Collection();
        for (var i = 0; i < 1000; i++)
        {
            many.Add(Intermediate.Certificate);
        }

        var watch = Stopwatch.StartNew();
        Assert.Multiple(() =>
        {
            Assert.That(Verify(names, []).Refusal, Is.EqualTo(PeerRefusal.NotAnSvid));
            Assert.That(Verify(Leaf, many).Accepted, Is.True);
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        });
    }

    private static PeerVerdict Verify(X509Certificate2 leaf, X509Certificate2Collection others) => PeerVerifier.Verify(leaf, others, Trust.Bundles, TestLeaf.Now);

    private static X509Certificate2? Load(byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
