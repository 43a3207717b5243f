using System.Security.Cryptography.X509Certificates;

namespace Mesh.Gateway.Tests.Tls;

/// <summary>The certificates of a gateway, by the host names of its callers.</summary>
public sealed class CertificateTests
{
    [TestCase("shop.example", "shop.example")]
    [TestCase("SHOP.example", "shop.example")]
    [TestCase("www.shop.example", "*.shop.example")]
    [TestCase("admin.example", "admin.example")]
    [TestCase("unknown.example", "shop.example")]
    public async Task Handshake_ForAName_ShowsItsCertificate(string name, string expected)
    {
        await using var edge = await StartAsync();
        Assert.That(await NameAsync(edge, name), Is.EqualTo(expected));
    }

    [Test]
    public async Task Reload_OtherCertificates_HoldForTheNextHandshakeAndOpenConnectionsGoOn()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await TlsEdge.StartAsync(
            Edge.Everything("b"),
            "",
            static tls => $$""" "Tls": { "Certificates": [ { "Hostnames": [ "shop.example" ], {{tls.Write("shop", "shop.example")}} } ] } """,
            ("b", backend.Address));
        await using var open = await edge.ConnectAsync("shop.example");

        edge.Edge.Reload(Edge.Everything("b"), "", Server($$""" { "Hostnames": [ "shop.example" ], {{edge.Write("renewed", "renewed.example")}} } """));
        Assert.That(await NameAsync(edge, "shop.example"), Is.EqualTo("renewed.example"));
        edge.Edge.Reload(Edge.Everything("b"), "", Server(""" { "Hostnames": [ "shop.example" ], "Certificate": "/nowhere.pem" } """));
        Assert.That(await NameAsync(edge, "shop.example"), Is.EqualTo("renewed.example"), "the last good one stays");

        Assert.That(await TlsEdge.GetAsync(open, "/", "shop.example", "Connection: close"), Does.StartWith("HTTP/1.1 200"), "the connection from before");
    }

    private static string Server(string certificate) => $$""" "Server": { "Tls": { "Certificates": [ {{certificate}} ] } }, """;

    private static Task<TlsEdge> StartAsync() => TlsEdge.StartAsync(
        """{ "all": { "Rules": [ { "Filters": [ { "Type": "DirectResponse", "DirectResponse": { "Body": "ok" } } ] } ] } }""",
        "",
        static files => $$"""
            "Tls": { "Certificates": [
              { "Hostnames": [ "shop.example" ], {{files.Write("shop", "shop.example")}} },
              { "Hostnames": [ "*.shop.example" ], {{files.Write("all", "*.shop.example")}} },
              { "Hostnames": [ "admin.example" ], {{files.Write("admin", "admin.example")}} } ] }
            """);

    private static async Task<string> NameAsync(TlsEdge edge, string name)
    {
        await using var tls = await edge.ConnectAsync(name);
        return ((X509Certificate2)tls.RemoteCertificate!).Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().Select(static dns => $"{dns}").Single();
    }
}
