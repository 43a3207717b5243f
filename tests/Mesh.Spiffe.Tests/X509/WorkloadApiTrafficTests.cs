using Mesh.Identity;
using Mesh.Spiffe.Tests.Agent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Spiffe.Tests.X509;

/// <summary>A client and a server of the mesh with identities of one agent each.</summary>
public sealed class WorkloadApiTrafficTests
{
    [Test]
    public async Task Call_AgentsRotateBothSides_NothingFails()
    {
        using var authority = TestSvid.Authority();
        var svids = new TestSvid(authority);
        await using var serversAgent = await TestAgent.StartAsync();
        await using var clientsAgent = await TestAgent.StartAsync();
        serversAgent.Say(svids.Response("orders"));
        clientsAgent.Say(svids.Response("storefront"));
        await using var server = await StartServerAsync(serversAgent.Address);
        using var client = await StartClientAsync(clientsAgent.Address, new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
        var http = client.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

        var serials = new HashSet<string>();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.That(await http.GetStringAsync(new Uri("https://orders/")), Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
            }

            serials.Add(server.Services.GetRequiredService<IIdentitySource>().Current.Leaf.SerialNumber);
            serversAgent.Say(svids.Response("orders"));
            clientsAgent.Say(svids.Response("storefront"));
        }

        Assert.That(serials, Has.Count.GreaterThan(5), "identities rotated while calls ran");
    }

    [Test]
    public async Task Start_StrictServerWithoutAnIdentity_DoesNotStartAndSaysWhy()
    {
        await using var agent = await TestAgent.StartAsync();
        agent.Refusal = new Grpc.Core.Status(Grpc.Core.StatusCode.PermissionDenied, "");

        Assert.That(
            async () => await StartServerAsync(agent.Address, "500ms"),
            Throws.TypeOf<Mesh.Configuration.MeshConfigurationException>().With.Message.Contains("is there a registration entry whose selectors match it?"));
    }

    private static async Task<WebApplication> StartServerAsync(string agent, string startTimeout = "20s")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "https://127.0.0.1:0";
        builder.Configuration["Mesh:Service:Name"] = "orders";
        builder.Configuration["Mesh:Service:TrustDomain"] = "shop.example";
        builder.Configuration["Mesh:Identity:WorkloadApi:Socket"] = agent;
        builder.Configuration["Mesh:Identity:WorkloadApi:StartTimeout"] = startTimeout;
        builder.Configuration["Mesh:Server:Drain:Grace"] = "0s";
        builder.Services.AddMeshSpiffe();
        builder.AddMeshServer();
        var app = builder.Build();
        app.UseMesh();
        app.MapGet("/", static (HttpContext http) => $"{http.Features.Get<Mesh.Server.Pipeline.MeshRequest>()!.Peer}");
        await app.StartAsync();
        return app;
    }

    private static async Task<IHost> StartClientAsync(string agent, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Production" });
        builder.Configuration["Mesh:Service:Name"] = "storefront";
        builder.Configuration["Mesh:Service:Namespace"] = "shop";
        builder.Configuration["Mesh:Service:TrustDomain"] = "shop.example";
        builder.Configuration["Mesh:Identity:WorkloadApi:Socket"] = agent;
        builder.Configuration["Services:orders:https:0"] = $"127.0.0.1:{port}";
        builder.Services.AddMeshSpiffe();
        builder.AddMeshClient();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
