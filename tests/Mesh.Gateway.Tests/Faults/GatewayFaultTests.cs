using System.Net;
using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Faults;

/// <summary>Faults of a gateway's rules.</summary>
public sealed class GatewayFaultTests
{
    [Test]
    public async Task Request_Abort_IsAnsweredAtTheEdgeAndMarked()
    {
        await using var service = await Backend.StartAsync();
        await using var edge = await StartAsync("""{ "Abort": { "HttpStatus": 429 } }""", service);

        using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "abort" }));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(service.Requests, Is.Zero);
    }

    [Test]
    public async Task Request_ConnectionError_IsABadGatewayWithAMark()
    {
        await using var service = await Backend.StartAsync();
        await using var edge = await StartAsync("""{ "Abort": { "ConnectionError": true } }""", service);

        using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "abort" }));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("urn:mesh:problem:injected-fault"));
        Assert.That(service.Requests, Is.Zero);
    }

    [Test]
    public async Task Request_DelayBeyondTheTimeout_IsAGatewayTimeout()
    {
        await using var service = await Backend.StartAsync();
        await using var edge = await StartAsync("""{ "Delay": { "FixedDelay": "1h" } }""", service, """, "Timeouts": { "Request": "200ms" }""");

        using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(service.Requests, Is.Zero);
    }

    [Test]
    public async Task Request_OrderOfAStranger_IsRemoved()
    {
        await using var service = await Backend.StartAsync();
        await using var edge = await StartAsync("""{ "FromHeaders": true }""", service);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { MeshHeaders.FaultAbort, "418" } } };

        using var response = await edge.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(service.Headers.Keys, Has.None.StartsWith("mesh-fault"));
    }

    [Test]
    public async Task Start_FaultInProduction_NamesIt()
    {
        await using var service = await Backend.StartAsync();

        var error = await Assert.ThrowsAsync<MeshConfigurationException>(() => Edge.StartAsync(
            Edge.Everything("service", """ "Filters": [ { "Type": "FaultInjection", "FaultInjection": { "Abort": { "HttpStatus": 500 } } } ] """),
            ("service", service.Address)));

        Assert.That(error!.Errors, Is.EqualTo(new[]
        {
            "Mesh:Gateway:Routes:all:Rules:0:Filters:0:FaultInjection: found a fault, which is refused in the environment 'Production'; set Mesh:Faults:AllowInProduction if it is meant.",
        }));
    }

    private static Task<Edge> StartAsync(string fault, Backend service, string more = "") => Edge.StartWithFaultsAsync(
        Edge.Everything("service", $$""" "Filters": [ { "Type": "FaultInjection", "FaultInjection": {{fault}} } ]{{more}} """),
        ("service", service.Address));
}
