using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Mesh.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Tests.Yarp;

public sealed class AddMeshTests
{
    [Test]
    public async Task AddMesh_DeadReplica_NoRequestFailsAndBothOthersAreAsked()
    {
        await using var first = await Backend.StartAsync();
        await using var second = await Backend.StartAsync();
        await using var edge = await YarpEdge.StartAsync([$"http://{first.Address}", $"http://{second.Address}", $"http://127.0.0.1:{UnusedPort()}"]);
        for (var i = 0; i < 60; i++)
        {
            Assert.That(await edge.GetAsync($"/{i}?q=1"), Is.EqualTo("ok"));
        }

        Assert.That(first.Requests, Is.GreaterThan(0));
        Assert.That(second.Requests, Is.GreaterThan(0));
        Assert.That(first.Headers["Host"], Is.EqualTo("orders"));
    }

    [Test]
    public async Task AddMesh_DestinationsOfTheMesh_SpeakMutualTls()
    {
        await using var backend = await Backend.StartInMeshAsync("orders", static http => http.Response.WriteAsync("mesh"));
        await using var edge = await YarpEdge.StartAsync([$"https://{backend.Address}"]);
        Assert.That(await edge.GetAsync(), Is.EqualTo("mesh"));
        Assert.That(backend.Peer, Is.EqualTo(SpiffeId.ForService("mesh.local", "default", "edge")));
    }

    [Test]
    public async Task AddMesh_DestinationIsAnotherService_IsRefused()
    {
        await using var backend = await Backend.StartInMeshAsync("intruder", static http => http.Response.WriteAsync("stolen"));
        await using var edge = await YarpEdge.StartAsync(
            [$"https://{backend.Address}"], "", ("Mesh:Client:Services:orders:Tls:AllowedPeers:0", "spiffe://mesh.local/ns/default/sa/orders"));
        using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(backend.Requests, Is.Zero);
    }

    [Test]
    public async Task AddMesh_DestinationsHaveAPath_ItIsKept()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await YarpEdge.StartAsync([$"http://{backend.Address}/base/"]);
        await edge.GetAsync("/a/b?c=d%20e");
        Assert.That(backend.Target, Is.EqualTo("/base/a/b?c=d%20e"));
    }

    [Test]
    public async Task AddMesh_LongUpload_IsNotBoundByTheTimeoutOfTheService()
    {
        await using var backend = await Backend.StartAsync(static async http =>
        {
            var count = 0L;
            var buffer = new byte[16 * 1024];
            for (var read = 1; read > 0; count += read)
            {
                read = await http.Request.Body.ReadAsync(buffer);
            }

            await Task.Delay(TimeSpan.FromSeconds(1.5), http.RequestAborted);
            await http.Response.WriteAsync($"{count}");
        });
        await using var edge = await YarpEdge.StartAsync([$"http://{backend.Address}"], "", ("Mesh:Client:Services:orders:Timeout", "500ms"));
        using var content = new ByteArrayContent(new byte[5_000_000]);
        using var uploaded = await edge.Client.PostAsync(new Uri("/", UriKind.Relative), content);
        Assert.That(await uploaded.Content.ReadAsStringAsync(), Is.EqualTo("5000000"));
        using var asked = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
    }

    [Test]
    public async Task AddMesh_TransformSetsTheHost_ItIsSent()
    {
        await using var backend = await Backend.StartAsync();
        RouteConfig[] routes = [Routes[0] with { Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }] }];
        await using var edge = await YarpEdge.StartAsync(new InMemoryConfigProvider(routes, [Cluster($"http://{backend.Address}")]));
        await edge.GetAsync();
        Assert.That(backend.Headers["Host"], Is.EqualTo(edge.Client.BaseAddress!.Authority));
    }

    [Test]
    public async Task AddMesh_ConfigurationNamesTheService_ItHasTheLastWord()
    {
        await using var written = await Backend.StartAsync(static http => http.Response.WriteAsync("destination"));
        await using var named = await Backend.StartAsync(static http => http.Response.WriteAsync("services"));
        await using var edge = await YarpEdge.StartAsync([$"http://{written.Address}"], "", ("Services:orders:http:0", named.Address));
        Assert.That(await edge.GetAsync(), Is.EqualTo("services"));
    }

    [Test]
    public async Task AddMesh_DestinationIsTheNameOfTheCluster_IsDiscovered()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await YarpEdge.StartAsync(
            new InMemoryConfigProvider(Routes, [Cluster("http://orders")]),
            services => services.AddSingleton<IServiceEndpointProviderFactory>(new Registry(backend.Address)));
        Assert.That(await edge.GetAsync(), Is.EqualTo("ok"));
    }

    [Test]
    public async Task AddMesh_ClusterOutsideTheMesh_IsCalledAsYarpDoes()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await YarpEdge.StartAsync([$"http://{backend.Address}"], """, "Metadata": { "Mesh": "false" }, "HttpClient": { "MaxConnectionsPerServer": 5 } """);
        await edge.GetAsync();
        Assert.That(backend.Headers["Host"], Is.EqualTo(backend.Address));
    }

    [Test]
    public async Task AddMesh_DestinationsChange_NewOnesAreCalled()
    {
        await using var first = await Backend.StartAsync(static http => http.Response.WriteAsync("first"));
        await using var second = await Backend.StartAsync(static http => http.Response.WriteAsync("second"));
        var clusters = new InMemoryConfigProvider(Routes, [Cluster($"http://{first.Address}")]);
        await using var edge = await YarpEdge.StartAsync(clusters);
        Assert.That(await edge.GetAsync(), Is.EqualTo("first"));
        clusters.Update(Routes, [Cluster($"http://{second.Address}")]);
        Assert.That(async () => await edge.GetAsync(), Is.EqualTo("second").After(20_000, 50));
    }

    [Test]
    public async Task AddMesh_ClusterLeavesTheMesh_IsCalledAsYarpDoes()
    {
        await using var backend = await Backend.StartAsync();
        var clusters = new InMemoryConfigProvider(Routes, [Cluster($"http://{backend.Address}")]);
        await using var edge = await YarpEdge.StartAsync(clusters);
        await edge.GetAsync();
        Assert.That(backend.Headers["Host"], Is.EqualTo("orders"));
        clusters.Update(Routes, [Cluster($"http://{backend.Address}") with { Metadata = new Dictionary<string, string> { ["Mesh"] = "false" } }]);
        Assert.That(
            async () =>
            {
                await edge.GetAsync();
                return backend.Headers["Host"];
            },
            Is.EqualTo(backend.Address).After(20_000, 50));
    }

    [TestCase(""", "SessionAffinity": { "Enabled": true, "AffinityKeyName": "k" } """, "SessionAffinity")]
    [TestCase(""", "HealthCheck": { "Active": { "Enabled": true } } """, "HealthCheck")]
    [TestCase(""", "HealthCheck": { "Passive": { "Enabled": true } } """, "HealthCheck")]
    [TestCase(""", "HttpClient": { "DangerousAcceptAnyServerCertificate": true } """, "HttpClient")]
    public void AddMesh_SettingThatWouldHaveNoEffect_IsRefusedAtStart(string more, string named) =>
        Assert.That(
            async () => await YarpEdge.StartAsync(["http://127.0.0.1:1"], more),
            Throws.Exception.With.InnerException.InstanceOf<AggregateException>().With.InnerException.Message.Contains($"Cluster 'orders' is called through the mesh: {named}"));

    [TestCase("http://127.0.0.1:1", "https://127.0.0.1:2")]
    [TestCase("http://127.0.0.1:1/a", "http://127.0.0.1:2/b")]
    public void AddMesh_DestinationsDiffer_IsRefusedAtStart(string first, string second) =>
        Assert.That(
            async () => await YarpEdge.StartAsync([first, second]),
            Throws.Exception.With.InnerException.InstanceOf<AggregateException>().With.InnerException.Message.Contains("differ in scheme or path"));

    [Test]
    public void AddMesh_Twice_IsHarmless()
    {
        var services = new ServiceCollection();
        var proxy = services.AddReverseProxy().AddMesh();
        var count = services.Count;
        proxy.AddMesh();
        Assert.That(services, Has.Count.EqualTo(count));
        Assert.That(services.Count(static service => service.ServiceType == typeof(IForwarderHttpClientFactory)), Is.EqualTo(1));
    }

    private static RouteConfig[] Routes => [new RouteConfig { RouteId = "all", ClusterId = "orders", Match = new RouteMatch { Path = "{**rest}" } }];

    private static ClusterConfig Cluster(string address) => new()
    {
        ClusterId = "orders",
        Destinations = new Dictionary<string, DestinationConfig> { ["d"] = new() { Address = address } },
    };

    private static int UnusedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A discovery of the application's, behind those of the mesh.</summary>
    private sealed class Registry(string address) : IServiceEndpointProviderFactory, IServiceEndpointProvider
    {
        public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
        {
            provider = query.IncludedSchemes.Contains("http") ? this : null;
            return provider is not null;
        }

        public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
        {
            if (endpoints.Endpoints.Count == 0)
            {
                endpoints.Endpoints.Add(ServiceEndpoint.Create(IPEndPoint.Parse(address)));
            }

            return default;
        }

        public ValueTask DisposeAsync() => default;
    }
}
