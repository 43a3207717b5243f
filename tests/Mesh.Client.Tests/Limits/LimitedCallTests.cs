using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Ejection;
using Mesh.Client.State;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Limits;

/// <summary>Calls that are too many.</summary>
public sealed class LimitedCallTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [Test]
    public async Task SendAsync_MoreThanActiveAndPending_IsRefusedAtOnce()
    {
        var gate = new TaskCompletionSource();
        using var stub = Waiting(gate.Task);
        await using var host = new ClientHost(Given.Orders("""{ "Limits": { "MaxActive": 2, "MaxPending": 1 } }"""), stub);
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());
        var client = host.CreateClient();
        var calls = Enumerable.Range(0, 3).Select(_ => client.GetAsync(Uri)).ToArray();
        await Eventually.UntilAsync(() => stub.Requests.Count == 2 && View(host).Pending == 1);

        var refusal = await Assert.ThrowsAsync<MeshRejectedException>(() => client.GetAsync(Uri));

        Assert.That(refusal!.Reason, Is.EqualTo(RejectionReason.LimitReached));
        Assert.That(refusal.Message, Does.Contain("2 calls of service 'orders'").And.Contain("MaxPending"));
        Assert.That((View(host).Active, View(host).Refused), Is.EqualTo(((int?)2, 1L)));
        Assert.That(metrics.Of("mesh.client.refusals"), Is.EqualTo(["mesh.service=orders mesh.reason=limit_reached"]));
        Assert.That(metrics.Of("mesh.client.call.duration"), Is.EqualTo(["mesh.service=orders mesh.outcome=not_sent"]));
        gate.SetResult();
        foreach (var call in calls)
        {
            using var response = await call;
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        Assert.That((View(host).Active, View(host).Pending), Is.EqualTo(((int?)0, (int?)0)));
    }

    [Test]
    public async Task SendAsync_NoSlotBeforeTheDeadline_IsRefusedAndTheEndpointIsNotBlamed()
    {
        var gate = new TaskCompletionSource();
        using var stub = Waiting(gate.Task);
        await using var host = new ClientHost(Given.Orders("""{ "Limits": { "MaxActive": 1, "MaxPending": 5 }, "Timeout": "300ms", "AttemptTimeout": "300ms", "Retry": { "Attempts": 0 } }"""), stub);
        var client = host.CreateClient();
        using var body = new StringContent("x");
        var first = client.PostAsync(Uri, body);
        await Eventually.UntilAsync(() => stub.Requests.Count == 1);

        var refusal = await Assert.CatchAsync<Exception>(() => client.GetAsync(Uri));

        // Both deadlines end about the same time: the slot may have come free in the last moment.
        Assert.That(refusal, Is.InstanceOf<MeshRejectedException>().Or.InstanceOf<TaskCanceledException>());
        await Assert.ThatAsync(() => first, Throws.InstanceOf<TaskCanceledException>());
        gate.SetResult();
        (await client.GetAsync(Uri)).Dispose();
        Assert.That(View(host).Endpoints, Has.All.Property("Condition").EqualTo(EndpointCondition.Healthy));
        Assert.That(View(host).Active, Is.Zero);
    }

    [Test]
    public async Task SendAsync_EndpointAtItsLimit_GoesElsewhereAndThenIsRefused()
    {
        var gate = new TaskCompletionSource();
        using var stub = Waiting(gate.Task);
        await using var host = new ClientHost(Given.Orders("""{ "Limits": { "MaxActivePerEndpoint": 2 } }"""), stub);
        var client = host.CreateClient();
        var calls = Enumerable.Range(0, 6).Select(_ => client.GetAsync(Uri)).ToArray();
        await Eventually.UntilAsync(() => stub.Requests.Count == 6);
        Assert.That(View(host).Endpoints.Select(static endpoint => endpoint.Active), Is.EqualTo([2, 2, 2]));

        var refusal = await Assert.ThrowsAsync<MeshRejectedException>(() => client.GetAsync(Uri));

        Assert.That(refusal!.Reason, Is.EqualTo(RejectionReason.LimitReached));
        Assert.That(refusal.Message, Does.Contain("Limits:MaxActivePerEndpoint 2"));
        Assert.That(View(host).Endpoints, Has.All.Property("Condition").EqualTo(EndpointCondition.Healthy));
        Assert.That(View(host).Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
        gate.SetResult();
        foreach (var call in calls)
        {
            (await call).Dispose();
        }

        (await client.GetAsync(Uri)).Dispose();
    }

    [Test]
    public async Task SendAsync_FromManyThreads_NoEndpointEverHasTooMany()
    {
        var (most, refused, active) = (0, 0, new int[3]);
        using var stub = new StubHandler(async (seen, _) =>
        {
            ref var here = ref active[seen.Uri.Port - 1];
            var now = Interlocked.Increment(ref here);
            for (var known = Volatile.Read(ref most); now > known; known = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, now, known);
            }

            await Task.Yield();
            Interlocked.Decrement(ref active[seen.Uri.Port - 1]);
            return Given.Response(HttpStatusCode.OK);
        });
        await using var host = new ClientHost(Given.Orders("""{ "Limits": { "MaxActivePerEndpoint": 2 } }"""), stub);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            var client = host.CreateClient();
            for (var i = 0; i < 50; i++)
            {
                try
                {
                    (await client.GetAsync(Uri)).Dispose();
                }
                catch (MeshRejectedException exception) when (exception.Reason == RejectionReason.LimitReached)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })));

        Assert.That(most, Is.InRange(1, 2));
        Assert.That(stub.Requests, Has.Count.EqualTo(800 - refused));
        Assert.That(View(host).Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
    }

    [Test]
    public async Task SendAsync_ConnectionsLimited_OpensNoMoreAndPassesOverTheEndpoint()
    {
        var gate = new TaskCompletionSource();
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), _ => gate.Task);
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), _ => gate.Task);
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{first.Url}}", "{{second.Url}}" ] } }""",
            """{ "orders": { "Retry": { "Attempts": 0 }, "Limits": { "MaxConnectionsPerEndpoint": 2 } } }"""));
        var client = host.CreateClient();

        // What an endpoint speaks is known when its first connection is open.
        gate.SetResult();
        await Eventually.UntilAsync(() => !first.Arrivals.IsEmpty && !second.Arrivals.IsEmpty, () => client.GetAsync(Uri).GetAwaiter().GetResult().Dispose());
        gate = new TaskCompletionSource();
        var (before, beforeSecond) = (first.Arrivals.Count, second.Arrivals.Count);
        var calls = Enumerable.Range(0, 4).Select(_ => client.GetAsync(Uri)).ToArray();
        await Eventually.UntilAsync(() => first.Arrivals.Count + second.Arrivals.Count == before + beforeSecond + 4);

        var refusal = await Assert.ThrowsAsync<MeshRejectedException>(() => client.GetAsync(Uri));

        Assert.That(refusal!.Message, Does.Contain("Limits:MaxConnectionsPerEndpoint 2"));
        Assert.That(first.Arrivals.Count - before, Is.EqualTo(2));
        gate.SetResult();
        foreach (var call in calls)
        {
            (await call).Dispose();
        }

        Assert.That(first.Arrivals.Select(static arrival => arrival.Connection).Distinct().Count(), Is.LessThanOrEqualTo(2));
        Assert.That(View(host).Endpoints, Has.All.Property("Condition").EqualTo(EndpointCondition.Healthy));
    }

    [Test]
    public async Task SendAsync_Http2_CarriesManyOverFewConnections()
    {
        var gate = new TaskCompletionSource();
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), _ => gate.Task);
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{orders.Url}}" ] } }""", """{ "orders": { "Limits": { "MaxConnectionsPerEndpoint": 1 } } }"""));
        var client = host.CreateClient();
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync(Uri)).ToArray();
        await Eventually.UntilAsync(() => orders.Arrivals.Count == 20);
        var last = client.GetAsync(Uri);
        await Eventually.UntilAsync(() => orders.Arrivals.Count == 21);
        gate.SetResult();

        foreach (var call in calls.Append(last))
        {
            (await call).Dispose();
        }

        Assert.That(orders.Arrivals.Select(static arrival => arrival.Connection.Split(':')[0]).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Reload_LimitLifted_LetsThoseThatWaitGoOn()
    {
        var gate = new TaskCompletionSource();
        using var stub = Waiting(gate.Task);
        await using var host = new ClientHost(Given.Orders("""{ "Limits": { "MaxActive": 1, "MaxPending": 3 } }"""), stub);
        var client = host.CreateClient();
        var calls = Enumerable.Range(0, 3).Select(_ => client.GetAsync(Uri)).ToArray();
        await Eventually.UntilAsync(() => stub.Requests.Count == 1 && View(host).Pending == 2);

        host.Configuration.Replace(Given.Orders("""{ "Timeout": "20s" }"""));

        await Eventually.UntilAsync(() => stub.Requests.Count == 3);
        Assert.That(View(host).Active, Is.Null);
        gate.SetResult();
        await Task.WhenAll(calls);
    }

    [TestCase("""{ "MaxActive": 0 }""", "Limits:MaxActive: found '0', allowed is a number from 1 to 1000000.")]
    [TestCase("""{ "MaxPending": -1 }""", "Limits:MaxPending: found '-1'")]
    [TestCase("""{ "MaxActivePerEndpoint": 0 }""", "Limits:MaxActivePerEndpoint: found '0'")]
    [TestCase("""{ "MaxConnectionsPerEndpoint": 0 }""", "Limits:MaxConnectionsPerEndpoint: found '0'")]
    public async Task Read_Mistake_IsNamed(string settings, string error)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders($$"""{ "Limits": {{settings}} }"""), stub);

        Assert.That(Assert.Throws<MeshConfigurationException>(() => _ = host.Directory)!.Message, Does.Contain(error));
    }

    private static ServiceStateView View(ClientHost host) => host.State.GetServices().Single();

    private static StubHandler Waiting(Task until) => new(async (_, cancellationToken) =>
    {
        await until.WaitAsync(cancellationToken);
        return Given.Response(HttpStatusCode.OK);
    });
}
