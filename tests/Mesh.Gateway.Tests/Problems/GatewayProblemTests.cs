using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Problems;

public sealed class GatewayProblemTests
{
    [Test]
    public async Task NoRoute_Is404()
    {
        await using var edge = await Edge.StartAsync("""{ "r": { "Hostnames": [ "other.example" ], "Rules": [ { "BackendRefs": [ { "Name": "orders" } ] } ] } }""");
        await AssertProblemAsync(edge, HttpStatusCode.NotFound, "no-route");
    }

    [TestCase("")]
    [TestCase("""{ "Name": "orders", "Weight": 0 }""")]
    public async Task NoBackendWithWeight_Is500(string backends)
    {
        await using var edge = await Edge.StartAsync($$"""{ "r": { "Rules": [ { "BackendRefs": [ {{backends}} ] } ] } }""");
        await AssertProblemAsync(edge, HttpStatusCode.InternalServerError, "no-backend");
    }

    [Test]
    public async Task ServiceWithoutEndpoints_Is503()
    {
        await using var edge = await Edge.StartAsync(Edge.Everything("nowhere"));
        await AssertProblemAsync(edge, HttpStatusCode.ServiceUnavailable, "no-endpoint");
    }

    [Test]
    public async Task BackendNotListening_Is502()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", $"127.0.0.1:{port}"));
        await AssertProblemAsync(edge, HttpStatusCode.BadGateway, "backend-failed");
    }

    [Test]
    public async Task BackendCutsTheConnection_Is502()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        await AssertProblemAsync(edge, HttpStatusCode.BadGateway, "backend-failed");
    }

    [TestCase("""{ "Request": "200ms" }""")]
    [TestCase("""{ "Request": "5s", "BackendRequest": "50ms" }""")]
    public async Task BackendTooSlow_Is504(string timeouts)
    {
        await using var backend = await Backend.StartAsync(static http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await using var edge = await Edge.StartAsync(Edge.Everything("orders", $"\"Timeouts\": {timeouts}"), ("orders", backend.Address));
        var started = TimeProvider.System.GetTimestamp();
        await AssertProblemAsync(edge, HttpStatusCode.GatewayTimeout, "backend-timeout");
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(3)), "the rule's time-out, not the service's");
    }

    [Test]
    public async Task BackendsOwnError_PassesThrough()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.StatusCode = 418;
            return http.Response.WriteAsync("teapot");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var response = await edge.Client.GetAsync("/");
        Assert.That(((int)response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((418, "teapot")));
    }

    [TestCase("TRACE / HTTP/1.1\r\nHost: h")]
    [TestCase("CONNECT h:443 HTTP/1.1\r\nHost: h:443")]
    public async Task TraceAndConnect_Are405(string request)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        var answer = await edge.SendRawAsync($"{request}\r\nConnection: close\r\n\r\n");
        Assert.Multiple(() =>
        {
            Assert.That(answer, Does.StartWith("HTTP/1.1 405").And.Contains("Allow: GET").And.Contains("urn:mesh:problem:method-not-allowed"));
            Assert.That(backend.Requests, Is.Zero);
        });
    }

    private static async Task AssertProblemAsync(Edge edge, HttpStatusCode status, string reason)
    {
        using var response = await edge.Client.GetAsync("/secret?token=abc");
        var body = await response.Content.ReadAsStringAsync();
        Assert.That((response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((status, "application/problem+json")), body);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:mesh:problem:{reason}"));
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)status));
            Assert.That(problem.GetProperty("title").GetString(), Is.Not.Empty);
            Assert.That(problem.GetProperty("traceId").GetString(), Is.Not.Empty);
            Assert.That(body, Does.Not.Contain("Exception").And.Not.Contain("127.0.0.1").And.Not.Contain("   at ").And.Not.Contain("abc"));
        });
    }
}
