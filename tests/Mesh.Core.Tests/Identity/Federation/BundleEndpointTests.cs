using System.Net;
using Mesh.Core.Tests.Configuration;
using Mesh.Identity;
using Mesh.Identity.Federation;
using Microsoft.Extensions.Logging;

namespace Mesh.Core.Tests.Identity.Federation;

public sealed class BundleEndpointTests
{
    private const int Patience = 30_000;

    private readonly Partner _own = new(TestLeaf.Now, "shop.example");
    private readonly Partner _partner = new(TestLeaf.Now);
    private readonly Partner _next = new(TestLeaf.Now);
    private RecordingTime _time = null!;
    private ScriptedEndpoint _endpoint = null!;
    private RecordingLogger _log = null!;
    private FederatedIdentitySource? _source;

    [SetUp]
    public void Start()
    {
        _time = new RecordingTime(TestLeaf.Now);
        _endpoint = new ScriptedEndpoint();
        _log = new RecordingLogger();
    }

    [TearDown]
    public void Stop()
    {
        _source?.Dispose();
        _endpoint.Dispose();
    }

    [TestCase(null, 300)]
    [TestCase(60, 60)]
    [TestCase(1, 30)]
    [TestCase(0, 30)]
    [TestCase(int.MaxValue, 86_400)]
    public void Fetch_Bundle_IsTrustedAndAskedForAgainByItsHint(int? hint, int seconds)
    {
        _endpoint.Body = Partner.Document(1, hint, _partner);
        Create();
        var wait = WaitFor(1);
        Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.None));
        Assert.That(wait.TotalSeconds, Is.InRange(0.8 * seconds, seconds));
        _endpoint.Body = Partner.Document(2, hint, _next);
        var token = _source!.GetChangeToken();
        _time.Advance(wait);
        WaitFor(2);
        Assert.Multiple(() =>
        {
            Assert.That(_next.Judge(_source!), Is.EqualTo(PeerRefusal.None));
            Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.Untrusted), "a bundle is replaced, not added to");
            Assert.That(_own.Judge(_source!), Is.EqualTo(PeerRefusal.None));
            Assert.That(token.HasChanged, Is.True);
        });
    }

    [Test]
    public void Fetch_SameAuthorities_IsNoChange()
    {
        _endpoint.Body = Partner.Document(1, null, _partner);
        Create();
        var wait = WaitFor(1);
        var (identity, token) = (_source!.Current, _source.GetChangeToken());
        _endpoint.Body = Partner.Document(2, null, _partner);
        _time.Advance(wait);
        WaitFor(2);
        Assert.That((_source.Current, token.HasChanged), Is.EqualTo((identity, false)));
    }

    [Test]
    public void Fetch_Failing_BacksOffAndKeepsTheLastGoodBundle()
    {
        _endpoint.Body = Partner.Document(1, 60, _partner);
        Create();
        var wait = WaitFor(1);
        _endpoint.Answer = static () => throw new HttpRequestException("no route");
        double[] expected = [5, 10, 20, 40, 60, 60];
        for (var i = 0; i < expected.Length; i++)
        {
            _time.Advance(wait);
            wait = WaitFor(i + 2);
            Assert.That(wait.TotalSeconds, Is.InRange(0.8 * expected[i], expected[i]));
        }

        Assert.Multiple(() =>
        {
            Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.None));
            Assert.That(Messages(LogLevel.Warning), Has.Count.EqualTo(1).And.One.Contains("no route"));
        });
    }

    [TestCase("{")]
    [TestCase("<html>")]
    public void Fetch_NoBundle_IsRefusedAndTheLastStays(string body)
    {
        _endpoint.Body = Partner.Document(1, null, _partner);
        Create();
        var wait = WaitFor(1);
        _endpoint.Body = body;
        _time.Advance(wait);
        WaitFor(2);
        Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.None));
    }

    [TestCase(HttpStatusCode.NotFound)]
    [TestCase(HttpStatusCode.Found)]
    public void Fetch_OtherStatus_IsNoBundle(HttpStatusCode status)
    {
        _endpoint.Answer = () => new HttpResponseMessage(status) { Content = new StringContent(Partner.Document(1, null, _partner)) };
        Create();
        WaitFor(1);
        Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
        Assert.That(Messages(LogLevel.Error), Has.Count.EqualTo(1).And.One.Contains("partner.example"));
    }

    [Test]
    public void Fetch_TooLarge_IsNotRead()
    {
        _endpoint.Body = Partner.Document(1, null, _partner) + new string(' ', SpiffeBundle.MaxBytes);
        Create();
        WaitFor(1);
        Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
    }

    [TestCase(4L, false)]
    [TestCase(5L, true)]
    [TestCase(6L, true)]
    [TestCase(null, true)]
    public void Fetch_Sequence_NeverGoesBack(long? sequence, bool taken)
    {
        _endpoint.Body = Partner.Document(5, null, _partner);
        Create();
        var wait = WaitFor(1);
        _endpoint.Body = Partner.Document(sequence, null, _next);
        _time.Advance(wait);
        WaitFor(2);
        Assert.That(_next.Judge(_source!), Is.EqualTo(taken ? PeerRefusal.None : PeerRefusal.Untrusted));
        Assert.That(Messages(LogLevel.Warning), Has.Count.EqualTo(taken ? 0 : 1));
    }

    [Test]
    public void Fetch_NoKeys_TrustsNobodyOfTheTrustDomain()
    {
        _endpoint.Body = Partner.Document(1, null, _partner);
        Create();
        var wait = WaitFor(1);
        _endpoint.Body = Partner.Document(2, null);
        _time.Advance(wait);
        WaitFor(2);
        Assert.That(_partner.Judge(_source!), Is.EqualTo(PeerRefusal.UnknownTrustDomain));
    }

    [Test]
    public void Rotate_OwnIdentity_KeepsFederatedBundles()
    {
        _endpoint.Body = Partner.Document(1, null, _partner);
        var inner = Create();
        WaitFor(1);
        var token = _source!.GetChangeToken();
        var next = _own.Identity("/b");
        inner.Rotate(next);
        var first = _source.Current;
        Assert.Multiple(() =>
        {
            Assert.That(token.HasChanged, Is.True);
            Assert.That(_source.Current.Leaf, Is.SameAs(next.Leaf));
            Assert.That(_source.Current, Is.SameAs(first), "connections compare by reference");
            Assert.That(_partner.Judge(_source), Is.EqualTo(PeerRefusal.None));
        });
        _source.Dispose();
        Assert.That(inner.IsDisposed, Is.True);
    }

    [Test]
    public void Fetch_BundleOfTheOwnTrustDomain_DoesNotReplaceTheOwn()
    {
        _endpoint.Body = Partner.Document(1, null, _next);
        Create("shop.example");
        WaitFor(1);
        Assert.That(_own.Judge(_source!), Is.EqualTo(PeerRefusal.None));
    }

    private FixedSource Create(string trustDomain = "partner.example")
    {
        var inner = new FixedSource(_own.Identity());
        var options = new FederatedBundleOptions { Endpoint = "https://partner.example/bundle" };
        _source = new FederatedIdentitySource(inner, [KeyValuePair.Create(trustDomain, options)], _time, new Random(1), _log, _ => _endpoint);
        return inner;
    }

    private TimeSpan WaitFor(int count)
    {
        Assert.That(() => _time.Waits.Count, Is.EqualTo(count).After(Patience, 1));
        return _time.Waits.Last();
    }

    private List<string> Messages(LogLevel level) => [.. _log.Entries.Where(entry => entry.Level == level).Select(static entry => entry.Message)];
}
