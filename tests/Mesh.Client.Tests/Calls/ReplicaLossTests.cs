using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

public sealed class ReplicaLossTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_ReplicaKilledAgainAndAgainUnderLoad_NoCallFails(string version)
    {
        var random = new Random(20260501);
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(static _ => MeshService.StartAsync(
            TestAuthority.Shop.Identity("orders"),
            static async context =>
            {
                await Task.Delay(Random.Shared.Next(3));
                context.Response.ContentLength = 2;
                await context.Response.Body.WriteAsync("ok"u8.ToArray());
            })));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{replicas[0].Url}}", "{{replicas[1].Url}}", "{{replicas[2].Url}}" ] } }""",
            """{ "orders": { "Retry": { "Budget": { "MinPerSecond": 100 } }, "Ejection": { "BaseTime": "50ms", "MaxTime": "100ms" } } }"""));
        var client = host.CreateClient();
        client.DefaultRequestVersion = Version.Parse(version);
        using var stopping = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var calls = 0;

        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    using var response = await client.GetAsync(Uri);
                    Interlocked.Increment(ref calls);
                    if (response.StatusCode != HttpStatusCode.OK)
                    {
                        failures.Enqueue($"{response.StatusCode}");
                    }
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    failures.Enqueue(exception.ToString());
                }
            }
        })).ToArray();
        for (var round = 0; round < 5; round++)
        {
            await Task.Delay(random.Next(30, 120));
            var victim = replicas[random.Next(3)];
            await victim.KillAsync();
            await Task.Delay(random.Next(30, 120));
            await victim.StartAsync();
        }

        await stopping.CancelAsync();
        await Task.WhenAll(load);
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        Assert.That(failures, Is.Empty);
        Assert.That(calls, Is.GreaterThan(100));
        Assert.That(host.State.GetServices().Single().Endpoints, Has.All.Property("Active").Zero);
    }

    [Test]
    public async Task SendAsync_ReplicaDiesAndReturns_IsEjectedAndComesBackByOneProbe()
    {
        await using var stays = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var dies = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{stays.Url}}", "{{dies.Url}}" ] } }""",
            """{ "orders": { "Ejection": { "BaseTime": "200ms" } } }"""));
        var client = host.CreateClient();
        await CallAsync(20);
        await dies.KillAsync();
        await CallAsync(40);
        Assert.That(StateOf(dies).Condition, Is.EqualTo(EndpointCondition.Ejected));
        var seen = dies.Arrivals.Count;

        await dies.StartAsync();
        for (var i = 0; i < 100 && StateOf(dies).Condition != EndpointCondition.Healthy; i++)
        {
            await Task.Delay(20);
            await CallAsync(1);
        }

        Assert.That(StateOf(dies).Condition, Is.EqualTo(EndpointCondition.Healthy));
        Assert.That(dies.Arrivals, Has.Count.EqualTo(seen + 1), "one real request was the probe");
        await CallAsync(20);
        Assert.That(dies.Arrivals, Has.Count.GreaterThan(seen + 1));
        Assert.That(host.Log.Mesh, Has.Some.Contains("is out of rotation"));
        Assert.That(host.Log.Mesh, Has.Exactly(1).Contains("is back in rotation"));

        Mesh.Client.State.EndpointStateView StateOf(MeshService service) =>
            host.State.GetServices().Single().Endpoints.Single(endpoint => endpoint.Address == $"127.0.0.1:{service.Port}");

        async Task CallAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var response = await client.GetAsync(Uri);
                Assert.That(response.IsSuccessStatusCode, Is.True);
            }
        }
    }
}
