using System.Net;
using Mesh.EndToEnd.Tests.Handshakes;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>A mesh server called by what others have written: curl, openssl and nginx.</summary>
public sealed class CalleeTests
{
    private const string Storefront = "spiffe://shop.example/ns/shop/sa/storefront";

    private readonly InteropAuthority _shop = new("shop.example");
    private readonly InteropAuthority _impostor = new("shop.example");
    private readonly InteropAuthority _stranger = new("stranger.example");
    private readonly RefusalRecorder _recorder = new();
    private WebApplication _server = null!;
    private int _port;

    [OneTimeSetUp]
    public async Task Start()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:Name"] = "orders",
            ["Mesh:Service:Namespace"] = "shop",
            ["Mesh:Service:TrustDomain"] = "shop.example",
            ["Mesh:Server:Drain:Grace"] = "0s",
        });
        builder.Logging.ClearProviders().AddProvider(_recorder);
        builder.Services.AddSingleton<IIdentitySource>(new Given(_shop.Issue("orders")));
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps()));
        builder.AddMeshServer();
        _server = builder.Build();
        _server.UseMesh();
        _server.MapGet("/", static (HttpContext http) => $"hello {http.Features.Get<MeshRequest>()!.Peer}\n");
        await _server.StartAsync();
        _port = new Uri(_server.Urls.Single()).Port;
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _server.DisposeAsync();
        _recorder.Dispose();
    }

    [SetUp]
    public void Forget() => _recorder.Refusals.Clear();

    [TestCase("--http1.1", "1.1")]
    [TestCase("--http2", "2")]
    [TestCase("--tls-max 1.2", "2")]
    [TestCase("--tlsv1.3", "2")]
    public async Task Curl_GoodCertificate_IsServed(string arguments, string version)
    {
        var (exitCode, output) = await CurlAsync(_shop.Write("storefront"), [.. arguments.Split(' '), "--cert", "cert.pem", "--key", "key.pem"]);

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Is.EqualTo($"hello {Storefront}\n{version}"));
    }

    [Test]
    public async Task Curl_NoCertificate_IsRefused()
    {
        var (exitCode, output) = await CurlAsync(_shop.Write("storefront"));

        AssertRefused(exitCode, output, PeerRefusal.NoCertificate);
    }

    [Test]
    public async Task Curl_ExpiredCertificate_IsRefused()
    {
        var (exitCode, output) = await CurlAsync(_shop.Write("storefront", expired: true), "--cert", "cert.pem", "--key", "key.pem");

        AssertRefused(exitCode, output, PeerRefusal.Expired);
    }

    [Test]
    public async Task Curl_AnotherAuthority_IsRefused()
    {
        var (exitCode, output) = await CurlAsync(_impostor.Write("storefront", trusts: _shop), "--cert", "cert.pem", "--key", "key.pem");

        AssertRefused(exitCode, output, PeerRefusal.Untrusted);
    }

    [Test]
    public async Task Curl_AnotherTrustDomain_IsRefused()
    {
        var (exitCode, output) = await CurlAsync(_stranger.Write("storefront", trusts: _shop), "--cert", "cert.pem", "--key", "key.pem");

        AssertRefused(exitCode, output, PeerRefusal.UnknownTrustDomain);
    }

    [Test]
    public async Task Curl_DoesNotKnowOurAuthority_RefusesUs()
    {
        var (exitCode, output) = await CurlAsync(_shop.Write("storefront", trusts: _stranger), "--cert", "cert.pem", "--key", "key.pem");

        Assert.That(exitCode, Is.EqualTo(60), output);
    }

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task OpenSsl_TriesToResume_HasToShowItsCertificateAgain(string version)
    {
        var directory = _shop.Write("storefront");
        try
        {
            var first = await SClientAsync(directory, version, "-sess_out", "session.pem");
            Assert.That(first, Does.Contain("New, TLSv1.").And.Contains($"hello {Storefront}"));

            // Without a ticket there is no file, and nothing to resume.
            if (File.Exists(Path.Combine(directory.FullName, "session.pem")))
            {
                Assert.That(await SClientAsync(directory, version, "-sess_in", "session.pem"), Does.Contain("New, TLSv1.").And.Not.Contain("Reused, "));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [TestCase("TLSv1.2")]
    [TestCase("TLSv1.3")]
    public async Task Nginx_GoodCertificate_IsServedThroughIt(string version)
    {
        await using var nginx = await Nginx.StartAsync(_shop.Write("storefront"), port => Proxy(port, version));
        using var client = new HttpClient();
        for (var i = 0; i < 3; i++)
        {
            Assert.That(await client.GetStringAsync(new Uri($"http://127.0.0.1:{nginx.Port}/")), Is.EqualTo($"hello {Storefront}\n"));
        }
    }

    [Test]
    public async Task Nginx_AnotherTrustDomain_AnswersBadGateway()
    {
        await using var nginx = await Nginx.StartAsync(_stranger.Write("storefront", trusts: _shop), port => Proxy(port, "TLSv1.3"));
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{nginx.Port}/"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(() => _recorder.Refusals.Select(static refusal => refusal.Refusal), Has.Some.EqualTo(PeerRefusal.UnknownTrustDomain).After(5000, 20));
    }

    // It verifies us too, by host name, and would resume sessions.
    private string Proxy(int port, string version) => $$"""
        listen 127.0.0.1:{{port}};
        location / {
          proxy_pass https://127.0.0.1:{{_port}};
          proxy_http_version 1.1;
          proxy_set_header Host orders;
          proxy_ssl_certificate cert.pem;
          proxy_ssl_certificate_key key.pem;
          proxy_ssl_trusted_certificate ca.pem;
          proxy_ssl_verify on;
          proxy_ssl_name orders;
          proxy_ssl_server_name on;
          proxy_ssl_session_reuse on;
          proxy_ssl_protocols {{version}};
        }
        """;

    private async Task<(int ExitCode, string Output)> CurlAsync(DirectoryInfo directory, params string[] arguments)
    {
        try
        {
            return await Tool.RunAsync(
                "curl",
                directory,
                null,
                [
                    "--silent", "--show-error", "--max-time", "20", "--cacert", "ca.pem", "--resolve", $"orders:{_port}:127.0.0.1",
                    "--write-out", "%{http_version}", .. arguments, $"https://orders:{_port}/",
                ]);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task<string> SClientAsync(DirectoryInfo directory, params string[] arguments)
    {
        var (_, output) = await Tool.RunAsync(
            "openssl",
            directory,
            "GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n",
            ["s_client", "-connect", $"127.0.0.1:{_port}", "-cert", "cert.pem", "-key", "key.pem", "-CAfile", "ca.pem", "-servername", "orders", "-ign_eof", "-alpn", "http/1.1", .. arguments]);
        return output;
    }

    private void AssertRefused(int exitCode, string output, PeerRefusal refusal)
    {
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Not.Contain("hello"));
        Assert.That(() => _recorder.Refusals.Select(static refusal => refusal.Refusal), Has.Some.EqualTo(refusal).After(5000, 20), output);
    }
}
