using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests.Listeners;

public sealed class ListenerTests
{
    [Test]
    public async Task Request_AtAPort_HasTheRoutesOfThatPort()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        edge.Reload(
            """
            { "one": { "ParentRefs": [ { "SectionName": "first" } ], "Rules": [ { "BackendRefs": [ { "Name": "b" } ] } ] },
              "two": { "ParentRefs": [ { "Port": PORT2 } ], "Rules": [ { "Filters": [ { "Type": "DirectResponse", "DirectResponse": { "Body": "second" } } ] } ] } }
            """.Replace("PORT2", $"{edge.Http2Address.Port}", StringComparison.Ordinal),
            $$""" "Listeners": { "first": { "Port": {{edge.Address.Port}} }, "second": { "Port": {{edge.Http2Address.Port}} } }, """);

        using var first = await edge.Client.GetAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Get, edge.Http2Address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var second = await edge.Client.SendAsync(request);

        Assert.That(await first.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
        Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo("second"));
    }

    [TestCase("a.example", "a.example", 200)]
    [TestCase("a.example", "x.b.example", 421)]
    [TestCase("x.b.example", "y.b.example", 200)]
    [TestCase("x.b.example", "a.example", 421)]
    [TestCase("unknown.org", "a.example", 200)]
    [TestCase("a.example", "unknown.org", 404)]
    public async Task Request_OverAConnectionForAnotherHost_IsMisdirected(string connected, string asked, int expected)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = "edge" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:Name"] = "edge",
            ["Mesh:Gateway:Listeners:a:Hostname"] = "a.example",
            ["Mesh:Gateway:Listeners:b:Hostname"] = "*.b.example",
            ["Mesh:Gateway:Routes:r:Rules:0:Filters:0:Type"] = "DirectResponse",
            ["Mesh:Gateway:Routes:r:Rules:0:Filters:0:DirectResponse:StatusCode"] = "200",
        });
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=edge", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate)));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        builder.AddMeshGateway();
        await using var app = builder.Build();
        app.MapMeshGateway();
        await app.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port);
        await using var tls = new SslStream(new NetworkStream(socket), false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(connected);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {asked}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(tls);
        var line = await reader.ReadLineAsync();

        Assert.That(line, Does.StartWith($"HTTP/1.1 {expected} "));
    }
}
