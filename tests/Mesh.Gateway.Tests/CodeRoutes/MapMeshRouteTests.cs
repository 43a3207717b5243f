using System.Net;
using Mesh.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.CodeRoutes;

public sealed class MapMeshRouteTests
{
    private const string NoRoutes = "{}";

    [TestCase("GET", "/orders", HttpStatusCode.OK, "/orders")]
    [TestCase("GET", "/orders/17?a=b", HttpStatusCode.OK, "/orders/17?a=b")]
    [TestCase("PUT", "/orders/17", HttpStatusCode.NotFound, null)]
    [TestCase("GET", "/ordersx", HttpStatusCode.NotFound, null)]
    [TestCase("GET", "/v1/stock/3", HttpStatusCode.OK, "/stock/3")]
    [TestCase("PATCH", "/v1/stock/3", HttpStatusCode.OK, "/stock/3")]
    [TestCase("PUT", "/v1/stock/3", HttpStatusCode.NotFound, null)]
    [TestCase("GET", "/items/7", HttpStatusCode.OK, "/items/7")]
    [TestCase("GET", "/items/x", HttpStatusCode.NotFound, null)]
    public async Task Request_RouteInCode_IsTakenAsOneInTheConfiguration(string method, string path, HttpStatusCode status, string? target)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await StartAsync(
            static app =>
            {
                app.MapMeshRoute("/orders/{**rest}").Methods("GET", "POST").To("orders");
                app.MapMeshRoute("/v1/stock/{**rest}").Methods("GET", "PATCH").To("orders").RewritePrefix("/stock");
                app.MapMeshRoute("/items/{id:int}").To("orders").Timeout(TimeSpan.FromSeconds(5));
            },
            NoRoutes,
            backend);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await edge.Client.SendAsync(request);

        Assert.That((response.StatusCode, backend.Target), Is.EqualTo((status, target)));
    }

    [Test]
    public async Task Request_HeaderAndHost_NarrowTheRoute()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await StartAsync(
            static app => app.MapMeshRoute("/{**rest}").Header("x-beta", "yes").Methods("GET").Hosts("shop.example").To("orders"), NoRoutes, backend);

        Assert.That(await edge.GetRawAsync("/", "x-beta: yes"), Does.StartWith("HTTP/1.1 200 "));
        Assert.That(await edge.GetRawAsync("/"), Does.StartWith("HTTP/1.1 404 "));
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-beta", "yes" } } };
        using var response = await edge.Client.SendAsync(elsewhere);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Reload_RoutesOfTheConfigurationChange_ThoseInCodeStay()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await StartAsync(static app => app.MapMeshRoute("/code").To("orders"), NoRoutes, backend);

        edge.Reload("""{ "b": { "Rules": [ { "Matches": [ { "Path": { "Value": "/file" } } ], "BackendRefs": [ { "Name": "orders" } ] } ] } }""");

        foreach (var path in (string[])["/code", "/file"])
        {
            using var response = await edge.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        }
    }

    [Test]
    public async Task Request_CredentialsAreRequired_IsRefusedWithout()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await StartAsync(static app => app.MapMeshRoute("/orders").To("orders").RequireCredentials(), NoRoutes, backend);

        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(backend.Requests, Is.Zero);
    }

    [Test]
    public void Start_NameOfARouteInTheConfiguration_IsRefusedWithBothPlaces() => Assert.That(
        async () => await Edge.StartWithPipelineAsync(
            Edge.Everything("orders"), "", static app => app.MapMeshRoute("/orders").To("orders").WithName("all"), ("orders", "127.0.0.1:9")),
        Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains("Mesh:Gateway:Routes:all").And.Message.Contains("MapMeshRoute(\"/orders\")"));

    [Test]
    public void Start_BadRule_IsNamedByItsCall() => Assert.That(
        async () => await Edge.StartWithPipelineAsync(NoRoutes, "", static app => app.MapMeshRoute("/orders").Methods("get").To("orders"), ("orders", "127.0.0.1:9")),
        Throws.InstanceOf<MeshConfigurationException>().With.Message.Contains("MapMeshRoute(\"/orders\"):Rules:0:Matches:0:Method: found 'get'"));

    [Test]
    public async Task MapMeshRoute_GatewayNotAdded_SaysSo()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        Assert.That(() => app.MapMeshRoute("/orders"), Throws.InvalidOperationException.With.Message.Contains("AddMeshGateway()"));
    }

    private static Task<Edge> StartAsync(Action<WebApplication> map, string routes, Backend backend) =>
        Edge.StartWithPipelineAsync(routes, "", map, ("orders", backend.Address));
}
