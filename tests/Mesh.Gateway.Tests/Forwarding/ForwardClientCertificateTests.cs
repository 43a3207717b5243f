using System.Net;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class ForwardClientCertificateTests
{
    private const string Field = ForwardedClientCertificate.HeaderName;
    private const string Earlier = "URI=spiffe://partner.example/client";

    [TestCase(null, "trusted", Earlier, null)]
    [TestCase("Sanitize", "trusted", Earlier, null)]
    [TestCase("ForwardOnly", "trusted", Earlier, Earlier)]
    [TestCase("ForwardOnly", "stranger", Earlier, null)]
    [TestCase("ForwardOnly", "trusted", null, null)]
    [TestCase("AppendForward", "trusted", Earlier, Earlier + ",{own}")]
    [TestCase("AppendForward", "stranger", Earlier, "{own}")]
    [TestCase("AppendForward", "trusted", null, "{own}")]
    [TestCase("SanitizeSet", "trusted", Earlier, "{own}")]
    [TestCase("SanitizeSet", "stranger", null, "{own}")]
    public async Task Peer_ServiceIsTold(string? mode, string caller, string? said, string? expected)
    {
        await using var service = await Backend.StartAsync();
        await using var gateway = await StartAsync(mode, service);
        var identity = new TestIdentity(caller).Current;

        await SendAsync(gateway, identity, said);

        var own = ForwardedClientCertificate.Describe(identity.Leaf, SpiffeId.ForService("mesh.local", "default", "edge")).ToString();
        Assert.That(service.Headers.GetValueOrDefault(Field), Is.EqualTo(expected?.Replace("{own}", own, StringComparison.Ordinal)));
    }

    [TestCase("AppendForward")]
    [TestCase("SanitizeSet")]
    public async Task NobodyIsAPeer_ServiceIsToldNothing(string mode)
    {
        await using var service = await Backend.StartAsync();
        await using var gateway = await StartAsync(mode, service, ("Mesh:Server:PeerAuthentication", "Disabled"));

        await SendAsync(gateway, new TestIdentity("trusted").Current, Earlier);

        Assert.That(service.Headers, Does.Not.ContainKey(Field));
    }

    private static async Task<WebApplication> StartAsync(string? mode, Backend service, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:Name"] = "edge",
            ["Mesh:Server:PeerAuthentication"] = "Strict",
            ["Mesh:Server:Drain:Grace"] = "0s",
            ["Mesh:Server:ForwardedClientCertificate:TrustedPeers:0"] = "spiffe://mesh.local/ns/default/sa/trusted",
            ["Mesh:Gateway:ForwardClientCertificate"] = mode,
            ["Mesh:Gateway:Routes:all:Rules:0:BackendRefs:0:Name"] = "service",
            ["Services:service:http:0"] = service.Address,
        });
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps()));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        builder.AddMeshGateway();
        var app = builder.Build();
        app.MapMeshGateway();
        await app.StartAsync();
        return app;
    }

    private static async Task SendAsync(WebApplication gateway, X509Identity caller, string? said)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { ClientCertificateContext = caller.CertificateContext, RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Urls.Single());
        if (said is not null)
        {
            request.Headers.TryAddWithoutValidation(Field, said);
        }

        using var response = await client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
    }
}
