using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Balancing.Locality;

public sealed class LocalityCallTests
{
    [Test]
    public async Task Send_ProcessAndEndpointsSayWhereTheyAre_StaysNearAndFailsOver()
    {
        var down = false;
        using var stub = new StubHandler(request => request.Uri.Port == 1 && down ? throw Given.NotSent() : Given.Response(HttpStatusCode.OK));
        await using var host = new ClientHost(
            """
            { "Services": { "orders": { "https": [
                { "Address": "10.0.0.1:1", "Region": "eu", "Zone": "eu-1" },
                { "Address": "10.0.0.2:2", "Region": "us", "Zone": "us-1" },
                { "Address": "10.0.0.3:3", "Region": "asia", "Zone": "asia-1" } ] } },
              "Mesh": { "Service": { "Region": "eu", "Zone": "eu-1" },
                        "Client": { "Defaults": { "LoadBalancing": { "Locality": { "Failover": { "eu": "asia" } } }, "Ejection": { "ConsecutiveFailures": 1 } } } } }
            """,
            stub);

        Assert.That(await PortsAsync(), Is.All.EqualTo(1));
        down = true;
        Assert.That((await PortsAsync()).Skip(1), Is.All.EqualTo(3), "once the first call has found out");

        async Task<int[]> PortsAsync()
        {
            var before = stub.Requests.Count;
            for (var i = 0; i < 20; i++)
            {
                (await host.CreateClient().GetAsync(new Uri("https://orders/"))).Dispose();
            }

            return [.. stub.Requests.Skip(before).Select(static request => request.Uri.Port)];
        }
    }
}
