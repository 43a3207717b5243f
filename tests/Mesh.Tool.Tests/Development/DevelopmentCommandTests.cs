using System.Runtime.Versioning;
using Mesh.Identity;

namespace Mesh.Tool.Tests.Development;

public sealed class DevelopmentCommandTests
{
    private ToolRun _tool = null!;

    [SetUp]
    public void Create() => _tool = new ToolRun();

    [TearDown]
    public void Remove() => _tool.Dispose();

    [Test]
    public async Task Issue_NewTrustDomain_WritesAnIdentityThatVerifies()
    {
        var issued = await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/ns/shop/sa/orders", "--out", _tool.PathOf("orders"), "--directory", _tool.Authority);
        Assert.That(issued, Is.Zero, _tool.Error);
        var leaf = Path.Combine(_tool.PathOf("orders"), "cert.pem");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _tool.RunAsync("cert", "verify", leaf, "--directory", _tool.Authority), Is.Zero);
            Assert.That(_tool.Output, Is.EqualTo($"accepted: spiffe://shop.example/ns/shop/sa/orders{Environment.NewLine}"));
            Assert.That(await _tool.RunAsync("cert", "verify", leaf, "--bundle", Path.Combine(_tool.PathOf("orders"), "bundle.pem")), Is.Zero);
        }
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    [Platform("Unix")]
    public async Task Issue_KeyFile_IsTheOwnersOnly()
    {
        // A file of any mode that stood there before lends nothing.
        Directory.CreateDirectory(_tool.PathOf("orders"));
        File.WriteAllText(Path.Combine(_tool.PathOf("orders"), "key.pem"), "older");
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/orders", "--out", _tool.PathOf("orders"), "--directory", _tool.Authority);

        Assert.That(File.GetUnixFileMode(Path.Combine(_tool.PathOf("orders"), "key.pem")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(_tool.Output, Does.Not.Contain("PRIVATE KEY"));
    }

    [Test]
    public async Task Issue_Lifetime_IsTheCertificates()
    {
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/orders", "--out", _tool.PathOf("orders"), "--directory", _tool.Authority, "--lifetime", "90m");
        using var leaf = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(_tool.PathOf("orders"), "cert.pem")));

        Assert.That(leaf.NotAfter.ToUniversalTime(), Is.EqualTo(ToolRun.Now.UtcDateTime.AddMinutes(90)));
    }

    [TestCase("spiffe://Shop", "not the SPIFFE ID of a workload")]
    [TestCase("spiffe://shop.example", "it has no path")]
    public async Task Issue_NoWorkload_SaysWhy(string id, string reason)
    {
        Assert.That(await _tool.RunAsync("cert", "dev", "issue", id, "--directory", _tool.Authority), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain(reason));
        Assert.That(Directory.Exists(_tool.Authority), Is.False);
    }

    [TestCase("0s")]
    [TestCase("721h")]
    [TestCase("24:00:00")]
    public async Task Issue_LifetimeOutOfBounds_Fails(string lifetime)
    {
        Assert.That(await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/a", "--lifetime", lifetime, "--directory", _tool.Authority), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("at most 720h"));
    }

    [Test]
    public async Task List_TwoAuthorities_NamesThemAndNoLeftovers()
    {
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/a", "--out", _tool.PathOf("a"), "--directory", _tool.Authority);
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://bank.example/a", "--out", _tool.PathOf("a"), "--directory", _tool.Authority);
        File.WriteAllText(Path.Combine(_tool.Authority, "broken.example.pem"), "-----BEGIN");

        Assert.That(await _tool.RunAsync("cert", "dev", "list", "--directory", _tool.Authority), Is.Zero);
        Assert.That(_tool.Output.ReplaceLineEndings("\n"), Is.EqualTo(
            $"{_tool.Authority}\n  bank.example  until 2027-11-23 09:00:00Z\n  broken.example  cannot be read\n  shop.example  until 2027-11-23 09:00:00Z\n"));
    }

    [Test]
    public async Task Anchor_Existing_PrintsABundleWithoutAKey()
    {
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/a", "--out", _tool.PathOf("a"), "--directory", _tool.Authority);
        await _tool.RunAsync("cert", "dev", "anchor", "shop.example", "--directory", _tool.Authority);

        Assert.That(SpiffeBundle.Parse(System.Text.Encoding.ASCII.GetBytes(_tool.Output)).X509Authorities, Has.Count.EqualTo(1));
        Assert.That(_tool.Output, Does.Not.Contain("PRIVATE KEY"));
    }

    [Test]
    public async Task Remove_Existing_EndsItsTrust()
    {
        await _tool.RunAsync("cert", "dev", "issue", "spiffe://shop.example/a", "--out", _tool.PathOf("a"), "--directory", _tool.Authority);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _tool.RunAsync("cert", "dev", "remove", "shop.example", "--directory", _tool.Authority), Is.Zero);
            Assert.That(await _tool.RunAsync("cert", "verify", Path.Combine(_tool.PathOf("a"), "cert.pem"), "--directory", _tool.Authority), Is.EqualTo(MeshTool.Refused));
            Assert.That(_tool.Output, Does.StartWith("refused: UnknownTrustDomain"));
            Assert.That(await _tool.RunAsync("cert", "dev", "remove", "shop.example", "--directory", _tool.Authority), Is.EqualTo(MeshTool.Failed));
        }
    }

    [TestCase("anchor")]
    [TestCase("remove")]
    public async Task AnchorOrRemove_NameThatWouldLeaveTheFolder_IsNoTrustDomain(string command)
    {
        Assert.That(await _tool.RunAsync("cert", "dev", command, "../secret", "--directory", _tool.Authority), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("'../secret' is not a trust domain"));
    }
}
