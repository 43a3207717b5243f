using System.Net;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Balancing.Hashing;

public sealed class HashCallTests
{
    [Test]
    public async Task Send_RequestsOfAKey_StayTogether([Values("RingHash", "Maglev")] string policy)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(
            Given.Orders($$"""{ "LoadBalancing": { "Policy": "{{policy}}", "HashKeys": [ { "Source": "Header", "Name": "x-user" } ] } }"""), stub);
        var client = host.CreateClient();
        for (var user = 0; user < 20; user++)
        {
            for (var i = 0; i < 3; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
                request.Headers.Add("x-user", $"u{user}");
                (await client.SendAsync(request)).Dispose();
            }
        }

        var ports = stub.Requests.Select(static request => request.Uri.Port).Chunk(3).ToArray();
        Assert.That(ports.Select(static chunk => chunk.Distinct().Count()), Is.All.EqualTo(1));
        Assert.That(ports.Select(static chunk => chunk[0]).Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public async Task Send_NothingSaidAboutKeys_TheOneInTheOptionsCounts()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "LoadBalancing": { "Policy": "RingHash" } }"""), stub);
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
            request.Options.Set(MeshRequestOptions.HashKey, "customer-7");
            (await host.CreateClient().SendAsync(request)).Dispose();
        }

        Assert.That(stub.Requests.Select(static request => request.Uri.Port).Distinct().Count(), Is.EqualTo(1));
    }
}
