using System.Collections.Concurrent;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

public sealed class CancellationStressTests
{
    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task SendAsync_NeighboursCancelAtRandom_NobodyElseIsCancelled(string version)
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), static async context =>
        {
            await Task.Delay(Random.Shared.Next(4));
            await context.Response.Body.WriteAsync("ok"u8.ToArray());
        });
        await using var host = new ClientHost(Given.Services($$"""{ "orders": { "https": [ "{{orders.Url}}" ] } }""", """{ "orders": { "Ejection": { "ConsecutiveFailures": 1 } } }"""));
        var client = host.CreateClient();
        client.DefaultRequestVersion = Version.Parse(version);
        var failures = new ConcurrentQueue<string>();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                using var caller = worker % 2 == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(Random.Shared.Next(5))) : new CancellationTokenSource();
                try
                {
                    using var response = await client.GetAsync(new Uri("https://orders/"), caller.Token);
                }
                catch (OperationCanceledException exception) when (caller.IsCancellationRequested && exception.CancellationToken == caller.Token)
                {
                    // As asked.
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    failures.Enqueue(exception.ToString());
                }
            }
        })));

        Assert.That(failures, Is.Empty);
        var endpoint = host.State.GetServices().Single().Endpoints.Single();
        Assert.That(endpoint.Active, Is.Zero);
        Assert.That(endpoint.Failures, Is.Zero, "a caller's cancellation is nobody's failure");
    }
}
