using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

/// <summary>How much a request matters travels with the calls it causes.</summary>
public sealed class CriticalityTests
{
    private static readonly Uri Uri = new("https://orders/");

    [TestCase(Criticality.Sheddable, "sheddable")]
    [TestCase(Criticality.SheddablePlus, "sheddable-plus")]
    [TestCase(Criticality.CriticalPlus, "critical-plus")]
    public async Task GetAsync_InAContext_SaysTheSameAtEveryAttempt(Criticality criticality, string expected)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Backoff": "1ms", "MaxBackoff": "1ms" } }"""), stub);

        using (MeshContext.Use(new MeshContext { Criticality = criticality }))
        {
            using var response = await host.CreateClient().GetAsync(Uri);
        }

        Assert.That(stub.Requests.Select(static request => request.Headers[MeshHeaders.Criticality]), Is.All.EqualTo(expected));
        Assert.That(stub.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task GetAsync_WithoutAContext_SaysNothing()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        request.Headers.Add(MeshHeaders.Criticality, "critical-plus");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests.Single().Headers, Does.Not.ContainKey(MeshHeaders.Criticality), "what an application relays is its caller's, not its own");
    }
}
