using Mesh.Tests.Certificates;

namespace Mesh.Tool.Tests.Certificates;

public sealed class VerifyCommandTests
{
    private static readonly Forged Root = Forge.Authority("root", ["spiffe://shop.example"]).SelfSigned(ToolRun.Now);
    private static readonly Forged OtherRoot = Forge.Authority("other root", ["spiffe://other.example"]).SelfSigned(ToolRun.Now);
    private static readonly Forged Intermediate = Forge.Authority("intermediate").Sign(Root, ToolRun.Now);
    private static readonly Forged Leaf = new Forge().Sign(Intermediate, ToolRun.Now);

    private ToolRun _tool = null!;
    private string _chain = null!;
    private string _root = null!;
    private string _other = null!;

    [SetUp]
    public void Create()
    {
        _tool = new ToolRun();
        _chain = _tool.Write("chain.pem", $"{Leaf.Certificate.ExportCertificatePem()}\n{Intermediate.Certificate.ExportCertificatePem()}\n");
        _root = _tool.Write("root.pem", Root.Certificate.ExportCertificatePem());
        _other = _tool.Write("other.pem", OtherRoot.Certificate.ExportCertificatePem());
    }

    [TearDown]
    public void Remove() => _tool.Dispose();

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return new TestCaseData(new[] { "--bundle", "root.pem" }, 0, "accepted: spiffe://shop.example/ns/shop/sa/orders");
        yield return new TestCaseData(new[] { "--bundle", "shop.example=root.pem", "--bundle", "other.example=other.pem" }, 0, "accepted");
        yield return new TestCaseData(new[] { "--bundle", "root.pem", "--expect", "spiffe://shop.example/ns/shop/*" }, 0, "accepted");
        yield return new TestCaseData(new[] { "--bundle", "root.pem", "--expect", "spiffe://shop.example/ns/shop/sa/catalog" }, 1, "refused: UnexpectedId");
        yield return new TestCaseData(new[] { "--bundle", "other.pem" }, 1, "refused: Untrusted");
        yield return new TestCaseData(new[] { "--bundle", "other.example=root.pem" }, 1, "refused: UnknownTrustDomain");
        yield return new TestCaseData(new[] { "--bundle", "root.pem", "--at", "2026-11-23T10:30:00Z" }, 1, "refused: Expired");
        yield return new TestCaseData(new[] { "--bundle", "root.pem", "--at", "2026-11-23T07:59:00Z" }, 1, "refused: NotYetValid");
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Verify_Chain_HasTheVerdictOfAPeer(string[] args, int exitCode, string says)
    {
        string[] found = [.. args.Select(arg => arg.Replace("root.pem", _root, StringComparison.Ordinal).Replace("other.pem", _other, StringComparison.Ordinal))];

        Assert.That(await _tool.RunAsync(["cert", "verify", _chain, .. found]), Is.EqualTo(exitCode), _tool.Error);
        Assert.That(_tool.Output, Does.StartWith(says));
    }

    [Test]
    public async Task Verify_NoSvid_IsRefusedForThat()
    {
        Assert.That(await _tool.RunAsync("cert", "verify", _root, "--bundle", _root), Is.EqualTo(MeshTool.Refused));
        Assert.That(_tool.Output, Does.StartWith("refused: NotAnSvid"));
    }

    [Test]
    public async Task Verify_BundleOfGarbage_FailsAndNamesTheFile()
    {
        Assert.That(await _tool.RunAsync("cert", "verify", _chain, "--bundle", _tool.Write("bundle.json", "{")), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("bundle.json"));
    }

    [Test]
    public async Task Verify_PatternThatIsNone_FailsInWords()
    {
        Assert.That(await _tool.RunAsync("cert", "verify", _chain, "--expect", "orders"), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("'orders' is neither a SPIFFE ID nor one that ends in /*."));
    }
}
