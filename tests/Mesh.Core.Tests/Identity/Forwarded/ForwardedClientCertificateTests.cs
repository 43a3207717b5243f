using System.Diagnostics;
using System.Security.Cryptography;
using CsCheck;
using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.Core.Tests.Identity.Forwarded;

public sealed class ForwardedClientCertificateTests
{
    [Test]
    public void TryParse_EnvoysExample_GivesEveryField()
    {
        var hop = Single("""By=spiffe://cluster.local/ns/default/sa/api;By=http://b;Hash=468ed33c;Cert="-----BEGIN%20CERTIFICATE-----%0AMIIB%2B";Chain="a%0Ab";Subject="CN=x,O=\"Y\", Inc";URI=spiffe://cluster.local/ns/web/sa/front;DNS=a.example;DNS=b.example""");
        Assert.Multiple(() =>
        {
            Assert.That(hop.By, Is.EqualTo(["spiffe://cluster.local/ns/default/sa/api", "http://b"]));
            Assert.That(hop.Hash, Is.EqualTo("468ed33c"));
            Assert.That(hop.Certificate, Is.EqualTo("-----BEGIN CERTIFICATE-----\nMIIB+"));
            Assert.That(hop.Chain, Is.EqualTo("a\nb"));
            Assert.That(hop.Subject, Is.EqualTo("""CN=x,O="Y", Inc"""));
            Assert.That(hop.Uris, Is.EqualTo(["spiffe://cluster.local/ns/web/sa/front"]));
            Assert.That(hop.Id, Is.EqualTo(SpiffeId.ForService("cluster.local", "web", "front")));
            Assert.That(hop.DnsNames, Is.EqualTo(["a.example", "b.example"]));
        });
    }

    [Test]
    public void TryParse_SeveralHops_KeepTheirOrder()
    {
        Assert.That(ForwardedClientCertificate.TryParse(" By=a;URI=u1 , ,by=b ; uri=u2;Subject=\"\" ,URI=u3", out var hops), Is.True);
        Assert.Multiple(() =>
        {
            Assert.That(hops!.Select(static hop => hop.Uris.Single()), Is.EqualTo(["u1", "u2", "u3"]));
            Assert.That(hops![1].By, Is.EqualTo(["b"]));
            Assert.That(hops![0].Subject, Is.Null);
            Assert.That(hops![1].Subject, Is.Empty);
        });
    }

    [TestCase("Subject=\"CN=a\\\\\";URI=u", "CN=a\\")]
    [TestCase("Subject=\"CN=a\\,b\";URI=u", "CN=a\\,b")]
    [TestCase("Subject=\"CN=\\\";URI=evil\\\",\";URI=u", "CN=\";URI=evil\",")]
    [TestCase("Subject=plain;URI=u", "plain")]
    [TestCase("Subject=\"a\" ;URI=u", "a")]
    public void TryParse_Quoting_EndsWhereItEnds(string header, string subject)
    {
        var hop = Single(header);
        Assert.That((hop.Subject, hop.Uris.Single()), Is.EqualTo((subject, "u")));
    }

    [TestCase("")]
    [TestCase("  ,, ,")]
    public void TryParse_Empty_HasNoHops(string header)
    {
        Assert.That(ForwardedClientCertificate.TryParse(header, out var hops), Is.True);
        Assert.That(hops, Is.Empty);
    }

    [TestCase(null)]
    [TestCase("URI")]
    [TestCase("=a")]
    [TestCase("URI=a;")]
    [TestCase("URI=a;;DNS=b")]
    [TestCase(";URI=a")]
    [TestCase("URI=a;,URI=b")]
    [TestCase("Hash=a;Hash=b")]
    [TestCase("Subject=\"a\";Subject=\"b\"")]
    [TestCase("Cert=a;cert=b")]
    [TestCase("Subject=\"a")]
    [TestCase("Subject=\"a\\")]
    [TestCase("Subject=\"a\\\"")]
    [TestCase("Subject=\"a\"b")]
    [TestCase("Subject=\"a\"\"b\"")]
    [TestCase("URI=a\"b\"")]
    [TestCase("U\"RI\"=a")]
    [TestCase("URI=a\r\nX: y")]
    [TestCase("URI=a\0")]
    public void TryParse_Malformed_IsRefused(string? header) => Assert.That(ForwardedClientCertificate.TryParse(header, out _), Is.False);

    [Test]
    public void TryParse_KeyThatIsNotKnown_IsSkipped() => Assert.That(Single("New=\"a,b;c\";URI=u").Uris, Is.EqualTo(["u"]));

    [Test]
    public void TryParse_Sizes_AreBounded()
    {
        var most = string.Join(',', Enumerable.Repeat("URI=a", ForwardedClientCertificate.MaxHops));
        Assert.Multiple(() =>
        {
            Assert.That(ForwardedClientCertificate.TryParse(most, out _), Is.True);
            Assert.That(ForwardedClientCertificate.TryParse($"{most},URI=a", out _), Is.False);
            Assert.That(ForwardedClientCertificate.TryParse($"URI={new string('a', ForwardedClientCertificate.MaxLength)}", out _), Is.False);
            Assert.That(ForwardedClientCertificate.TryParse(string.Join(';', Enumerable.Repeat("DNS=a", 300)), out _), Is.False);
        });
    }

    [TestCase("URI=spiffe://a")]
    [TestCase("URI=https://a/b")]
    [TestCase("URI=spiffe://a/b;URI=spiffe://a/c")]
    [TestCase("DNS=a")]
    public void Id_NotOneWorkload_IsNull(string header) => Assert.That(Single(header).Id, Is.Null);

    [Test]
    public void ToString_AsEnvoy_QuotesWhatItMust() => Assert.That(
        new ForwardedClientCertificate { By = ["spiffe://a/b"], Hash = "ab", Certificate = "x+y\n", Subject = "O=\"A\", B\\, C\\", Uris = ["spiffe://a/c"], DnsNames = ["d;e"] }.ToString(),
        Is.EqualTo("""By=spiffe://a/b;Hash=ab;Cert="x%2By%0A";Subject="O=\"A\", B\, C\\";URI=spiffe://a/c;DNS="d;e" """.TrimEnd()));

    [Test]
    public void ToString_LineBreakInAName_DoesNotReachTheHeader() =>
        Assert.That(new ForwardedClientCertificate { Subject = "a\r\nb", DnsNames = ["c\nd\u00e4"] }.ToString(), Is.EqualTo("""Subject="a??b";DNS=c?d?"""));

    [Test]
    public void Describe_Peer_IsWhatEnvoyWouldWrite()
    {
        var peer = new Forge { Extra = [] }.SelfSigned(TestLeaf.Now).Certificate;
        var hash = Convert.ToHexStringLower(SHA256.HashData(peer.RawData));
        Assert.That(
            ForwardedClientCertificate.Append("URI=old", ForwardedClientCertificate.Describe(peer, SpiffeId.Parse("spiffe://a/b"))),
            Is.EqualTo($"URI=old,By=spiffe://a/b;Hash={hash};Subject=\"CN=leaf\";URI=spiffe://shop.example/ns/shop/sa/orders"));
    }

    private static readonly Gen<string> Value = Gen.OneOf(Gen.Char[' ', '~'], Gen.OneOf("\"\\,;= ".ToCharArray())).Array[0, 12]
        .Select(static characters => new string(characters));

    [Test]
    public void ToString_AnyValues_RoundTrip() => Gen.Select(Value.Array[0, 3], Value, Value.Array[0, 3], Value.Array[0, 2])
        .Array[1, 4]
        .Sample(static parts =>
        {
            var hops = parts.Select(static part => new ForwardedClientCertificate
            {
                By = part.Item1, Subject = part.Item2, Chain = part.Item2, Uris = part.Item3, DnsNames = part.Item4,
            }).ToList();
            var header = hops.Aggregate((string?)null, ForwardedClientCertificate.Append);
            return ForwardedClientCertificate.TryParse(header, out var read)
                && read.Count == hops.Count
                && read.Zip(hops).All(static pair => Same(pair.First, pair.Second));
        });

    [Test]
    public void TryParse_AnyText_NeverThrowsAndEndsSoon()
    {
        var grammar = Gen.OneOf(new[] { "By=", "URI=", "Subject=", "\"", "\\", ",", ";", "=", "a", " ", "\t", "\u00e4" }).Array[0, 200].Select(string.Concat);
        var watch = Stopwatch.StartNew();
        Gen.OneOf(Gen.String, grammar).Sample(static header =>
        {
            if (ForwardedClientCertificate.TryParse(header, out var hops))
            {
                _ = hops.Select(static hop => (hop.Id, hop.Certificate, hop.Chain, hop.ToString())).ToList();
            }
        });
        var unfinished = $"Subject=\"{string.Concat(Enumerable.Repeat("\\\\", (ForwardedClientCertificate.MaxLength / 2) - 10))}";
        Assert.That(ForwardedClientCertificate.TryParse(unfinished, out _), Is.False);
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    private static ForwardedClientCertificate Single(string header)
    {
        Assert.That(ForwardedClientCertificate.TryParse(header, out var hops), Is.True);
        return hops!.Single();
    }

    private static bool Same(ForwardedClientCertificate first, ForwardedClientCertificate second) =>
        first.By.SequenceEqual(second.By)
        && first.Subject == second.Subject
        && first.Chain == second.Chain
        && first.Uris.SequenceEqual(second.Uris)
        && first.DnsNames.SequenceEqual(second.DnsNames);
}
