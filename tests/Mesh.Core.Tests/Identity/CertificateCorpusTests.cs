using Mesh.Identity;
using Mesh.Tests.Certificates;

namespace Mesh.Core.Tests.Identity;

public sealed class CertificateCorpusTests
{
    private static readonly CertificateCorpus Corpus = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));

    private static IEnumerable<TestCaseData> Cases() => Corpus.Cases.Select(static chain => new TestCaseData(chain).SetArgDisplayNames(chain.Name));

    [TestCaseSource(nameof(Cases))]
    public void Verify_Chain_IsJudgedForTheExpectedReason(object chain)
    {
        var (_, expected, leaf, others) = (ChainCase)chain;
        var verdict = PeerVerifier.Verify(leaf.Certificate, [.. others], Corpus.Trust.Bundles, Corpus.Trust.Now, Corpus.Trust.Aliases);
        Assert.Multiple(() =>
        {
            Assert.That(verdict.Refusal, Is.EqualTo(expected), verdict.Detail);
            Assert.That(verdict.Accepted, Is.EqualTo(expected == PeerRefusal.None));
            Assert.That(verdict.Detail, expected == PeerRefusal.None ? Is.Null : Is.Not.Empty);
        });
    }

    [Test]
    public void Corpus_NamesAndReasons_AreManyAndUnlike()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Corpus.Cases.Select(static chain => chain.Name), Is.Unique);
            Assert.That(Corpus.Cases, Has.Count.GreaterThan(100));
        });
    }
}
