using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Testing;
using Mesh.Tests.Certificates;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Tool.Tests.Certificates;

public sealed class ShowCommandTests
{
    private static readonly Forged Root = Forge.Authority("root", ["spiffe://shop.example"]).SelfSigned(ToolRun.Now);
    private static readonly Forged Leaf = new Forge { Subject = "CN=orders\u001b[2J" }.Sign(Root, ToolRun.Now);

    private ToolRun _tool = null!;

    [SetUp]
    public void Create() => _tool = new ToolRun();

    [TearDown]
    public void Remove() => _tool.Dispose();

    [Test]
    public async Task Show_PemChain_PrintsEveryCertificateAndNoControlCharacter()
    {
        var file = _tool.Write("chain.pem", $"{Leaf.Certificate.ExportCertificatePem()}\n{Root.Certificate.ExportCertificatePem()}\n");

        Assert.That(await _tool.RunAsync("cert", "show", file), Is.Zero, _tool.Error);
        Assert.That(_tool.Output, Does.Contain("SPIFFE ID  spiffe://shop.example/ns/shop/sa/orders")
            .And.Contain("(1 h 0 min left)")
            .And.Contain("above it")
            .And.Contain("CA; ")
            .And.Contain("an X.509-SVID by its form")
            .And.Not.Match("\u001b"));
    }

    [Test]
    public async Task Show_Der_PrintsIt()
    {
        Assert.That(await _tool.RunAsync("cert", "show", _tool.Write("leaf.der", Leaf.Certificate.RawData)), Is.Zero, _tool.Error);
        Assert.That(_tool.Output, Does.Contain("spiffe://shop.example/ns/shop/sa/orders"));
    }

    [Test]
    public async Task Show_Pkcs12_NeedsItsPassword()
    {
        using var authority = Identity.CertificateIssuer.Create("shop.example", "ca", TimeSpan.FromDays(1), ToolRun.Now);
        using var leaf = authority.Issue(Identity.SpiffeId.Parse("spiffe://shop.example/a"), TimeSpan.FromHours(1), ToolRun.Now);
        var file = _tool.Write("leaf.p12", new X509Certificate2Collection { authority.Anchor, leaf }.Export(X509ContentType.Pkcs12, "geheim")!);
        var password = _tool.Write("password", "geheim\n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _tool.RunAsync("cert", "show", file, "--password-file", password), Is.Zero, _tool.Error);
            Assert.That(_tool.Output, Does.StartWith("leaf").And.Contain("spiffe://shop.example/a"));
            Assert.That(await _tool.RunAsync("cert", "show", file), Is.EqualTo(MeshTool.Failed));
            Assert.That(_tool.Error, Does.Contain("--password-file"));
        }
    }

    [Test]
    public async Task Show_NoSvid_SaysWhichRuleAndIsRefused()
    {
        var file = _tool.Write("root.pem", Root.Certificate.ExportCertificatePem());

        Assert.That(await _tool.RunAsync("cert", "show", file), Is.EqualTo(MeshTool.Refused));
        Assert.That(_tool.Output, Does.Contain("not an X.509-SVID: NotAnSvid: its SPIFFE ID names a trust domain, not a workload"));
    }

    [Test]
    public async Task Show_NoCertificate_FailsInWords()
    {
        foreach (var garbage in new[] { "", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----" })
        {
            Assert.That(await _tool.RunAsync("cert", "show", _tool.Write("garbage", garbage)), Is.EqualTo(MeshTool.Failed), garbage);
            Assert.That(_tool.Error, Does.Contain("garbage'"), garbage);
        }
    }

    [Test]
    public async Task Show_FileThatIsNotThere_Fails()
    {
        Assert.That(await _tool.RunAsync("cert", "show", _tool.PathOf("nothing.pem")), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("cannot be read"));
    }

    [Test]
    public async Task Show_NobodyListens_Fails()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        Assert.That(await _tool.RunAsync("cert", "show", $"127.0.0.1:{port}"), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain($"127.0.0.1:{port} showed no certificate"));
    }

    [Test]
    public async Task Show_ServerThatSpeaksNoTls_Fails()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var answering = AnswerAsync(plain);

        Assert.That(await _tool.RunAsync("cert", "show", $"127.0.0.1:{((IPEndPoint)plain.LocalEndpoint).Port}"), Is.EqualTo(MeshTool.Failed));
        Assert.That(_tool.Error, Does.Contain("showed no certificate"));
        await answering;

        static async Task AnswerAsync(TcpListener listener)
        {
            using var connection = await listener.AcceptTcpClientAsync();
            await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        }
    }

    [Test]
    public async Task Show_ServiceOfTheMesh_PrintsItsIdentityWithoutHavingOne()
    {
        await using var mesh = await TestMesh.StartAsync(mesh => mesh.AddService("orders", app => app.MapGet("/", () => "42")));
        _tool.Time.SetUtcNow(DateTimeOffset.UtcNow);

        Assert.That(await _tool.RunAsync("cert", "show", mesh["orders"][0].Address.ToString()), Is.Zero, _tool.Error);
        Assert.That(_tool.Output, Does.Contain("/sa/orders").And.Contain("an X.509-SVID by its form"));
    }
}
