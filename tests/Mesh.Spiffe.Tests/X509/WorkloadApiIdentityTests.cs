using Google.Protobuf;
using Grpc.Core;
using Mesh.Identity;
using Mesh.Spiffe.Tests.Agent;
using Microsoft.Extensions.Logging;

namespace Mesh.Spiffe.Tests.X509;

/// <summary>Against a real gRPC server on a unix socket.</summary>
internal sealed class WorkloadApiIdentityTests
{
    private static readonly CertificateIssuer Authority = TestSvid.Authority();
    private static readonly CertificateIssuer Partner = TestSvid.Authority("partner.example");
    private static readonly TestSvid Svids = new(Authority);

    private TestAgent _agent = null!;

    [OneTimeTearDown]
    public void Dispose()
    {
        Authority.Dispose();
        Partner.Dispose();
    }

    [SetUp]
    public async Task StartAgent() => _agent = await TestAgent.StartAsync();

    [TearDown]
    public async Task StopAgent() => await _agent.DisposeAsync();

    [Test]
    public async Task Start_AgentHasAnIdentity_ItIsThisProcesss()
    {
        _agent.Say(Svids.Response("orders", Partner));
        await using var workload = await Workload.StartAsync(_agent.Address);

        var identity = workload.Identity.Current;
        Assert.That(identity.Id.ToString(), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
        Assert.That(identity.Trust.TrustDomains, Is.EqualTo(new[] { "partner.example", "shop.example" }));
        Assert.That(workload.Log.At(LogLevel.Information), Has.Some.Contains("This process is spiffe://shop.example/ns/shop/sa/orders, from the Workload API"));
    }

    [Test]
    public async Task Start_FederatedPeer_IsVerifiedByItsOwnBundle()
    {
        _agent.Say(Svids.Response("orders", Partner));
        await using var workload = await Workload.StartAsync(_agent.Address);
        using var partner = Partner.Issue(SpiffeId.Parse("spiffe://partner.example/billing"), TimeSpan.FromHours(1), DateTimeOffset.UtcNow);
        using var forged = TestSvid.Authority("partner.example").Issue(SpiffeId.Parse("spiffe://partner.example/billing"), TimeSpan.FromHours(1), DateTimeOffset.UtcNow);

        var trust = workload.Identity.Current.Trust;
        Assert.That(PeerVerifier.Verify(partner, null, trust, DateTimeOffset.UtcNow).Accepted, Is.True);
        Assert.That(PeerVerifier.Verify(forged, null, trust, DateTimeOffset.UtcNow).Accepted, Is.False);
    }

    [Test]
    public async Task Say_NextIdentity_RotatesAndTells()
    {
        _agent.Say(Svids.Response("orders", Partner));
        await using var workload = await Workload.StartAsync(_agent.Address);
        var first = workload.Identity.Current;
        var changed = workload.Identity.GetChangeToken();

        // What is absent from the next state has been taken back.
        _agent.Say(Svids.Response("orders"));

        await Eventually.TrueAsync(() => changed.HasChanged, "the change is told");
        Assert.That(workload.Identity.Current.Leaf.SerialNumber, Is.Not.EqualTo(first.Leaf.SerialNumber));
        Assert.That(workload.Identity.Current.Trust.TrustDomains, Is.EqualTo(new[] { "shop.example" }));
    }

    [Test]
    public async Task Say_TheSameAgain_IsNoChange()
    {
        var state = Svids.Response("orders");
        _agent.Say(state);
        await using var workload = await Workload.StartAsync(_agent.Address);
        var (first, changed) = (workload.Identity.Current, workload.Identity.GetChangeToken());

        _agent.Say(state.Clone());
        await _agent.StopAsync();
        await _agent.ResumeAsync();
        await Eventually.TrueAsync(() => _agent.Streams == 2, "the stream is opened again");
        _agent.Say(state.Clone());
        _agent.Say(Svids.Response("later"));
        await Eventually.TrueAsync(() => workload.Identity.Current.Id.Path.EndsWith("later", StringComparison.Ordinal), "the next state comes");

        Assert.That(changed.HasChanged, Is.True);
        Assert.That(workload.Log.At(LogLevel.Information).Count(line => line.Contains(first.Leaf.SerialNumber, StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Hint_SeveralIdentities_ChoosesTheNamedOne()
    {
        _agent.Say(new X509SVIDResponse { Svids = { Svids.Issue("first", "external"), Svids.Issue("second", "internal") } });
        await using var workload = await Workload.StartAsync(_agent.Address, ("Mesh:Identity:WorkloadApi:Hint", "internal"));
        await using var other = await Workload.StartAsync(_agent.Address);

        Assert.That(workload.Identity.Current.Id.Path, Is.EqualTo("/ns/shop/sa/second"));
        Assert.That(other.Identity.Current.Id.Path, Is.EqualTo("/ns/shop/sa/first"));
    }

    [Test]
    public async Task AgentGoesAway_LastIdentityStaysAndTheNextComesWithTheAgent()
    {
        _agent.Say(Svids.Response("orders"));
        await using var workload = await Workload.StartAsync(_agent.Address);
        var first = workload.Identity.Current;

        await _agent.StopAsync();
        await Eventually.TrueAsync(() => workload.Log.At(LogLevel.Warning).Any(), "the loss is logged");
        Assert.That(workload.Identity.Current, Is.SameAs(first));
        await _agent.ResumeAsync();
        _agent.Say(Svids.Response("orders"));

        await Eventually.TrueAsync(() => !ReferenceEquals(workload.Identity.Current, first), "the next identity comes");
        Assert.That(workload.Log.At(LogLevel.Warning), Has.Some.Contains("The last one stays; it is valid until"));
    }

    [Test]
    public async Task AgentIsAwayAtTheStart_StartWaitsForIt()
    {
        await _agent.StopAsync();
        var starting = Workload.StartAsync(_agent.Address);
        await Task.Delay(300);
        Assert.That(starting.IsCompleted, Is.False);

        await _agent.ResumeAsync();
        _agent.Say(Svids.Response("orders"));

        await using var workload = await starting.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(workload.Identity.Current.Id.Path, Is.EqualTo("/ns/shop/sa/orders"));
    }

    [Test]
    public async Task AgentDoesNotCome_StartGoesOnAndTheIdentitySaysWhy()
    {
        await _agent.StopAsync();
        await using var workload = await Workload.StartAsync(_agent.Address, ("Mesh:Identity:WorkloadApi:StartTimeout", "300ms"));

        Assert.That(() => workload.Identity.Current, Throws.TypeOf<MeshIdentityException>().With.Message.Contains("has given this process no identity: it cannot be reached (Unavailable)"));
        Assert.That(workload.Log.At(LogLevel.Error), Has.Some.Contains("has given no identity within"));
    }

    [Test]
    public async Task Refused_PermissionDenied_IsAskedAgainUntilThereIsAnEntry()
    {
        _agent.Refusal = new Status(StatusCode.PermissionDenied, "no identity issued");
        var starting = Workload.StartAsync(_agent.Address);
        await Task.Delay(300);
        _agent.Refusal = null;
        _agent.Say(Svids.Response("orders"));

        await using var workload = await starting.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(workload.Identity.Current.Id.Path, Is.EqualTo("/ns/shop/sa/orders"));
        Assert.That(workload.Log.At(LogLevel.Warning).Count(static line => line.Contains("is there a registration entry", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase(StatusCode.Unimplemented)]
    [TestCase(StatusCode.InvalidArgument)]
    public async Task Refused_ForGood_IsNotAskedAgain(StatusCode status)
    {
        _agent.Refusal = new Status(status, "never");
        await using var workload = await Workload.StartAsync(_agent.Address);

        Assert.That(() => workload.Identity.Current, Throws.TypeOf<MeshIdentityException>());
        Assert.That(workload.Log.At(LogLevel.Error), Has.Some.Contains("will not be asked again"));
    }

    private static IEnumerable<TestCaseData> Garbage()
    {
        yield return Case("no SVID", "there is no SVID in it", static response => response.Svids.Clear());
        yield return Case("no certificate", "the SVID has no certificate", static response => response.Svids[0].X509Svid = ByteString.Empty);
        yield return Case("half a certificate", "the SVID has a certificate that is malformed", static response => response.Svids[0].X509Svid = ByteString.CopyFrom(response.Svids[0].X509Svid.Span[..50]));
        yield return Case("octets behind it", "malformed", static response => response.Svids[0].X509Svid = ByteString.CopyFrom([.. response.Svids[0].X509Svid.Span, 1, 2]));
        yield return Case("no key", "the key does not belong", static response => response.Svids[0].X509SvidKey = ByteString.Empty);
        yield return Case("another's key", "the key does not belong", static response => response.Svids[0].X509SvidKey = Svids.Issue("other").X509SvidKey);
        yield return Case("another's name", "and its certificate is of", static response => response.Svids[0].SpiffeId = "spiffe://shop.example/admin");
        yield return Case("no name", "is not a SPIFFE ID", static response => response.Svids[0].SpiffeId = "orders\u001b");
        yield return Case("no bundle", "the bundle of 'shop.example' has no certificate", static response => response.Svids[0].Bundle = ByteString.Empty);
        yield return Case("a federated bundle of nobody", "is of no trust domain", static response => response.FederatedBundles["spiffe://A/b"] = response.Svids[0].Bundle);
        yield return Case("a federated bundle of garbage", "malformed", static response => response.FederatedBundles["spiffe://a.example"] = ByteString.CopyFromUtf8("garbage"));
        yield return Case("an authority as SVID", "the key does not belong", static response => response.Svids[0].X509Svid = response.Svids[0].Bundle);

        static TestCaseData Case(string name, string reason, Action<X509SVIDResponse> spoil) => new TestCaseData(reason, spoil).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Garbage))]
    public async Task Say_Garbage_LastIdentityStaysAndTheLogSaysWhat(string reason, Action<X509SVIDResponse> spoil)
    {
        _agent.Say(Svids.Response("orders"));
        await using var workload = await Workload.StartAsync(_agent.Address);
        var first = workload.Identity.Current;

        var garbage = Svids.Response("orders");
        spoil(garbage);
        _agent.Say(garbage);

        await Eventually.TrueAsync(() => workload.Log.At(LogLevel.Warning).Any(), "the garbage is logged");
        Assert.That(workload.Identity.Current, Is.SameAs(first));
        Assert.That(workload.Log.At(LogLevel.Warning).Single(), Does.Contain("what it sent is no identity").And.Contain(reason).And.Not.Match("\u001b"));
        _agent.Say(Svids.Response("later"));
        await Eventually.TrueAsync(() => workload.Identity.Current.Id.Path.EndsWith("later", StringComparison.Ordinal), "a good state comes through");
    }

    [Test]
    public async Task Say_FederatedBundleOfTheOwnTrustDomain_DoesNotCount()
    {
        var state = Svids.Response("orders");
        using var impostor = TestSvid.Authority();
        state.FederatedBundles["spiffe://shop.example"] = ByteString.CopyFrom(impostor.Anchor.RawData);
        _agent.Say(state);
        await using var workload = await Workload.StartAsync(_agent.Address);
        using var forged = impostor.Issue(SpiffeId.Parse("spiffe://shop.example/admin"), TimeSpan.FromHours(1), DateTimeOffset.UtcNow);

        Assert.That(PeerVerifier.Verify(forged, null, workload.Identity.Current.Trust, DateTimeOffset.UtcNow).Accepted, Is.False);
    }

    [Test]
    public async Task Say_ExpiredIdentity_DoesNotReplaceAValidOne()
    {
        _agent.Say(Svids.Response("orders"));
        await using var workload = await Workload.StartAsync(_agent.Address);
        var first = workload.Identity.Current;

        _agent.Say(new X509SVIDResponse { Svids = { Svids.Issue("orders", lifetime: TimeSpan.FromSeconds(-10)) } });

        await Eventually.TrueAsync(() => workload.Log.At(LogLevel.Warning).Any(), "it is logged");
        Assert.That(workload.Identity.Current, Is.SameAs(first));
    }
}
