using System.Net;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>A mesh client that calls nginx, which asks for certificates. (openssl as a callee is among the client's own tests.)</summary>
public sealed class CallerTests
{
    private static readonly Uri Orders = new("https://orders/");

    private readonly InteropAuthority _shop = new("shop.example");
    private readonly InteropAuthority _stranger = new("stranger.example");

    [TestCase("TLSv1.2", "1.1")]
    [TestCase("TLSv1.3", "1.1")]
    [TestCase("TLSv1.3", "2.0")]
    public async Task Nginx_GoodCertificates_AnswersAndKnowsUs(string tls, string version)
    {
        await using var nginx = await Nginx.StartAsync(_shop.Write("orders"), port => Server(port, tls));
        using var host = await StartAsync(nginx);
        using var request = new HttpRequestMessage(HttpMethod.Get, Orders) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await Client(host).SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo($"SUCCESS CN=storefront {tls} HTTP/{version} ."));
    }

    [TestCase("TLSv1.2")]
    [TestCase("TLSv1.3")]
    public async Task Nginx_OffersToResume_EveryConnectionIsVerifiedAnew(string tls)
    {
        await using var nginx = await Nginx.StartAsync(_shop.Write("orders"), port => $"{Server(port, tls)} keepalive_requests 1; ssl_session_cache shared:s:1m; ssl_session_tickets on;");
        using var host = await StartAsync(nginx);
        for (var i = 0; i < 4; i++)
        {
            Assert.That(await Client(host).GetStringAsync(Orders), Does.EndWith(" ."), "nginx writes 'r' for a session that was resumed");
        }
    }

    [Test]
    public async Task Nginx_DoesNotTrustOurAuthority_AnswersInHttp()
    {
        await using var nginx = await Nginx.StartAsync(_shop.Write("orders", trusts: _stranger), static port => Server(port, "TLSv1.3"));
        using var host = await StartAsync(nginx);

        using var response = await Client(host).GetAsync(Orders);

        // It finishes the handshake whatever we show, and refuses the request.
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("SSL certificate error"));
    }

    [Test]
    public async Task Nginx_OfAnotherTrustDomain_IsRefused()
    {
        await using var nginx = await Nginx.StartAsync(_stranger.Write("orders", trusts: _shop), static port => Server(port, "TLSv1.3"));
        using var host = await StartAsync(nginx);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => Client(host).GetAsync(Orders));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.UnknownTrustDomain));
    }

    [Test]
    public async Task Nginx_WithTheCertificateOfAnotherService_IsRefused()
    {
        await using var nginx = await Nginx.StartAsync(_shop.Write("catalog"), static port => Server(port, "TLSv1.3"));
        using var host = await StartAsync(nginx);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => Client(host).GetAsync(Orders));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.UnexpectedId));
    }

    private static string Server(int port, string tls) => $$"""
        listen 127.0.0.1:{{port}} ssl http2;
        ssl_certificate cert.pem;
        ssl_certificate_key key.pem;
        ssl_client_certificate ca.pem;
        ssl_verify_client on;
        ssl_protocols {{tls}};
        location / { return 200 "$ssl_client_verify $ssl_client_s_dn $ssl_protocol $server_protocol $ssl_session_reused"; }
        """;

    private static HttpClient Client(IHost host) => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("interop");

    private async Task<IHost> StartAsync(Nginx nginx)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:Name"] = "storefront",
            ["Mesh:Service:Namespace"] = "shop",
            ["Mesh:Service:TrustDomain"] = "shop.example",
            ["Mesh:Client:Defaults:Retry:Attempts"] = "0",
            ["Services:orders:https:0"] = $"127.0.0.1:{nginx.Port}",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(new Given(_shop.Issue("storefront")));
        builder.Services.AddHttpClient();
        builder.AddMeshClient();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
