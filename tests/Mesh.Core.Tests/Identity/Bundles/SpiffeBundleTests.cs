using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CsCheck;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.Core.Tests.Identity.Bundles;

public sealed class SpiffeBundleTests
{
    private static readonly X509Certificate2 First = Forge.Authority("first").SelfSigned(TestLeaf.Now).Certificate;
    private static readonly X509Certificate2 Second = Forge.Authority("second").SelfSigned(TestLeaf.Now).Certificate;

    [Test]
    public void Parse_Document_GivesWhatTheStandardSays()
    {
        var bundle = Parse($$"""
            {
              "spiffe_sequence": 18446744073709551615, "spiffe_refresh_hint": 60, "unknown": {},
              "keys": [
                {{Entry(First)}},
                {{Entry(First)}},
                { "use": "x509-svid", "kty": "EC", "x5c": [ "{{Base64(Second)}}", "not even base64" ] },
                { "use": "x509-svid", "kty": "EC" },
                { "use": "x509-svid", "kty": "EC", "x5c": [] },
                { "use": "x509-svid", "kty": "quantum", "x5c": [ "???" ] },
                { "use": "X509-SVID", "kty": "EC", "x5c": [ "???" ] },
                { "use": "wit-svid", "kty": "EC" },
                { "kty": "EC" },
                { "use": "jwt-svid", "kty": "EC", "kid": "k1", "crv": "P-256", "x": "a", "y": "b" }
              ]
            }
            """);
        Assert.Multiple(() =>
        {
            Assert.That(bundle.X509Authorities, Is.EqualTo([First, Second]));
            Assert.That(bundle.JwtAuthorities.Select(static key => key.KeyId), Is.EqualTo(["k1"]));
            Assert.That(bundle.JwtAuthorities[0].Jwk, Does.Contain("P-256"));
            Assert.That(bundle.Sequence, Is.EqualTo(ulong.MaxValue));
            Assert.That(bundle.RefreshHint, Is.EqualTo(TimeSpan.FromMinutes(1)));
        });
    }

    [Test]
    public void Parse_EmptyKeys_TrustsNothing()
    {
        var bundle = Parse("""{ "keys": [] }""");
        var trust = TrustBundles.From([KeyValuePair.Create("shop.example", bundle)]);
        using var leaf = new TestLeaf().SignUnchecked(TestLeaf.Authority("a"));
        Assert.Multiple(() =>
        {
            Assert.That(bundle.X509Authorities, Is.Empty);
            Assert.That((bundle.Sequence, bundle.RefreshHint), Is.EqualTo(((ulong?)null, (TimeSpan?)null)));
            Assert.That(PeerVerifier.Verify(leaf, null, trust, TestLeaf.Now).Refusal, Is.EqualTo(PeerRefusal.UnknownTrustDomain));
        });
    }

    [Test]
    public void Parse_ByteOrderMark_IsSkipped() => Assert.That(Parse($"\uFEFF {{ \"keys\": [ {Entry(First)} ] }}").X509Authorities, Is.EqualTo([First]));

    [TestCase("{")]
    [TestCase("{}")]
    [TestCase("""{ "keys": null }""")]
    [TestCase("""{ "keys": {} }""")]
    [TestCase("""{ "keys": [ 1 ] }""")]
    [TestCase("""{ "keys": [], "keys": [] }""")]
    [TestCase("""{ "keys": [], "spiffe_sequence": -1 }""")]
    [TestCase("""{ "keys": [], "spiffe_sequence": "1" }""")]
    [TestCase("""{ "keys": [], "spiffe_refresh_hint": 1.5 }""")]
    [TestCase("""{ "keys": [ { "use": "x509-svid", "kty": "EC", "x5c": [ "%%" ] } ] }""")]
    [TestCase("""{ "keys": [ { "use": "x509-svid", "kty": "EC", "x5c": [ "AAAA" ] } ] }""")]
    [TestCase("""{ "keys": [ { "use": "x509-svid", "kty": "EC", "x5c": [ 1 ] } ] }""")]
    [TestCase("""{ "keys": [ { "use": "jwt-svid", "kty": "EC" } ] }""")]
    [TestCase("""{ "keys": [ { "use": "jwt-svid", "kty": "EC", "kid": "a" }, { "use": "jwt-svid", "kty": "EC", "kid": "a" } ] }""")]
    [TestCase("")]
    [TestCase("no certificates")]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void Parse_Malformed_IsRefused(string text) => Assert.That(() => Parse(text), Throws.TypeOf<FormatException>());

    [Test]
    public void Parse_PrivateKey_IsRefusedAndNotRepeated() =>
        Assert.That(
            () => Parse("""{ "keys": [ { "use": "jwt-svid", "kty": "EC", "kid": "a", "d": "c2VjcmV0" } ] }"""),
            Throws.TypeOf<FormatException>().With.Message.Contains("private key").And.Message.Not.Contains("c2VjcmV0"));

    [Test]
    public void Parse_TooLarge_IsRefusedUnread() =>
        Assert.That(() => SpiffeBundle.Parse(new byte[SpiffeBundle.MaxBytes + 1]), Throws.TypeOf<FormatException>().With.Message.Contains("bytes"));

    [Test]
    public void Parse_Pem_GivesEveryCertificateOnce()
    {
        var pem = $"# roots\n{First.ExportCertificatePem()}\n{Second.ExportCertificatePem()}\n{First.ExportCertificatePem()}\n";
        Assert.That(Parse(pem).X509Authorities, Is.EqualTo([First, Second]));
    }

    [Test]
    public void Parse_PemCutAnywhere_IsRefusedOrWhole()
    {
        var pem = $"{First.ExportCertificatePem()}\n{Second.ExportCertificatePem()}";
        var first = First.ExportCertificatePem().Length;
        Gen.Int[0, pem.Length - 1].Sample(cut =>
        {
            try
            {
                var count = Parse(pem[..cut]).X509Authorities.Count;

                // Only a cut between the blocks, before the next one has begun in full, leaves a file of its own.
                return count == 1 && cut >= first && cut < first + 1 + "-----BEGIN CERTIFICATE-----".Length;
            }
            catch (FormatException)
            {
                return true;
            }
        });
    }

    [Test]
    public void Parse_AnyOctets_ThrowsNothingButFormatExceptionAndSoon()
    {
        var valid = Encoding.UTF8.GetBytes($$"""{ "spiffe_sequence": 1, "keys": [ {{Entry(First)}} ] }""");
        var mutated = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length])
            .Select((at, octet, length) =>
            {
                var copy = valid.ToArray();
                copy[at] = octet;
                return copy[..length];
            });
        var watch = Stopwatch.StartNew();
        Gen.OneOf(Gen.Byte.Array, mutated, Gen.String.Select(static text => Encoding.UTF8.GetBytes($"{{{text}"))).Sample(static octets =>
        {
            try
            {
                SpiffeBundle.Parse(octets);
            }
            catch (FormatException)
            {
            }
        });
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public void With_OneTrustDomain_LeavesTheOthers()
    {
        var trust = new TrustBundles([new("a", new X509Certificate2Collection(First)), new("b", new X509Certificate2Collection(First))]);
        var next = trust.With("b", Parse(Second.ExportCertificatePem()));
        Assert.Multiple(() =>
        {
            Assert.That(next.SameAs(new TrustBundles([new("b", new X509Certificate2Collection(Second)), new("a", new X509Certificate2Collection(First))])), Is.True);
            Assert.That(next.SameAs(trust), Is.False);
            Assert.That(trust.With("b", Parse(First.ExportCertificatePem())).SameAs(trust), Is.True);
        });
    }

    private static SpiffeBundle Parse(string text) => SpiffeBundle.Parse(Encoding.UTF8.GetBytes(text));

    private static string Entry(X509Certificate2 certificate) => $$"""{ "use": "x509-svid", "kty": "EC", "x5c": [ "{{Base64(certificate)}}" ] }""";

    private static string Base64(X509Certificate2 certificate) => Convert.ToBase64String(certificate.RawData);
}
