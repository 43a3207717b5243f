using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Mesh.Client.Calls;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Tests.Grpc;
using Mesh.State;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.HealthChecks;

/// <summary>Health checks of real servers, over mutual TLS.</summary>
public sealed class HealthCheckTests
{
    private const string Quick = """ "Enabled": true, "Interval": "100ms", "UnhealthyThreshold": 2, "HealthyThreshold": 2 """;
    private static readonly Uri Uri = new("https://orders/items");

    [Test]
    public async Task Check_EndpointSaysItIsIll_GetsNoCallsUntilItIsWell()
    {
        var ill = false;
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), context =>
        {
            context.Response.StatusCode = Volatile.Read(ref ill) && context.Request.Path == "/health" ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = Host($$"""{ {{Quick}} }""", first.Url, second.Url);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        await ConditionsAsync(host, EndpointCondition.Healthy, EndpointCondition.Healthy, first, second);

        Volatile.Write(ref ill, true);
        await ConditionsAsync(host, EndpointCondition.Unhealthy, EndpointCondition.Healthy, first, second);
        var before = Calls(first);
        for (var i = 0; i < 50; i++)
        {
            (await host.CreateClient().GetAsync(Uri)).Dispose();
        }

        Assert.That(Calls(first), Is.EqualTo(before));
        var check = first.Arrivals.First(static arrival => arrival.Path == "/health");
        Assert.That((check.Method, check.Host, check.Peer), Is.EqualTo(("GET", "orders", TestAuthority.Shop.Identity("storefront").Current.Id.ToString())));
        Assert.That(host.Log.Mesh, Has.Some.Contains("fails its health checks (status 503)"));

        // State belongs to the endpoint, not to the settings.
        host.Configuration.Replace(Json($$"""{ {{Quick}}, "Timeout": "3s" }""", first.Url, second.Url));
        Assert.That(Condition(host, first), Is.EqualTo(EndpointCondition.Unhealthy));

        Volatile.Write(ref ill, false);
        await ConditionsAsync(host, EndpointCondition.Healthy, EndpointCondition.Healthy, first, second);
        await Eventually.UntilAsync(() => Calls(first) > before, () => host.CreateClient().GetAsync(Uri).GetAwaiter().GetResult().Dispose());
        Assert.That(host.Log.Mesh, Has.Some.Contains("passes its health checks again"));
    }

    [Test]
    public async Task Check_SwitchedOffByReload_BringsEverybodyBack()
    {
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health" ? 500 : 200;
            return Task.CompletedTask;
        });
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = Host($$"""{ {{Quick}} }""", first.Url, second.Url);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        await ConditionsAsync(host, EndpointCondition.Unhealthy, EndpointCondition.Healthy, first, second);

        host.Configuration.Replace(Json("""{ "Enabled": false }""", first.Url, second.Url));

        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints is [{ HealthCheck: null, Condition: EndpointCondition.Healthy }, { HealthCheck: null }]);
    }

    [Test]
    public async Task Check_AllFail_CallsGoToAllUnlessThereIsNoPanic()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health" ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var host = Host($$"""{ {{Quick}} }""", orders.Url);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        await Eventually.UntilAsync(() => Condition(host, orders) == EndpointCondition.Unhealthy);

        (await host.CreateClient().GetAsync(Uri)).Dispose();
        host.Configuration.Replace(Json($$"""{ {{Quick}} }, "LoadBalancing": { "PanicThreshold": 0 }""", orders.Url));
        await Eventually.UntilAsync(() => host.Service("orders").Policy.Balancing.PanicThreshold == 0);
        var refusal = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(refusal!.Message, Does.Contain("None of the 1 endpoints of service 'orders' is in rotation"));
    }

    [Test]
    public async Task Check_ProcessDied_LeavesRotationBeforeAnyCallFails()
    {
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = Host($$"""{ {{Quick}} }""", first.Url, second.Url);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        await ConditionsAsync(host, EndpointCondition.Healthy, EndpointCondition.Healthy, first, second);

        await second.KillAsync();

        await ConditionsAsync(host, EndpointCondition.Healthy, EndpointCondition.Unhealthy, first, second);
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
    }

    [Test]
    public async Task Check_PathHostAndStatuses_AreTheConfiguredOnes()
    {
        await using var orders = await MeshService.StartAsync(null, static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/ready" ? 418 : 200;
            return Task.CompletedTask;
        });
        await using var host = Host($$"""{ {{Quick}}, "Path": "/ready?deep=1", "Host": "orders.internal", "Statuses": [ "200", "410-420" ] }""", orders.Url);
        (await host.CreateClient().GetAsync(new Uri("http://orders/items"))).Dispose();
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints[0].HealthCheck is not null);

        Assert.That(Condition(host, orders), Is.EqualTo(EndpointCondition.Healthy));
        Assert.That(orders.Arrivals.First(static arrival => arrival.Path == "/ready").Host, Is.EqualTo("orders.internal"));
    }

    [Test]
    public async Task Check_NoAnswer_FailsInTimeAndSaysSo()
    {
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), static context =>
            context.Request.Path == "/health" ? Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted) : Task.CompletedTask);
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = Host($$"""{ {{Quick}}, "Timeout": "200ms" }""", first.Url, second.Url);
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        await Eventually.UntilAsync(() => Condition(host, first) == EndpointCondition.Unhealthy);

        using var json = Write(host);
        var check = json.RootElement.GetProperty("services")[0].GetProperty("endpoints").EnumerateArray()
            .Single(endpoint => endpoint.GetProperty("address").GetString() == Address(first)).GetProperty("healthCheck");
        Assert.That(check.GetProperty("passed").GetBoolean(), Is.False);
        Assert.That(check.GetProperty("failure").GetString(), Is.EqualTo("no answer within 00:00:00.2000000"));
        Assert.That(check.GetProperty("ageMs").GetInt64(), Is.GreaterThanOrEqualTo(0));
        await Eventually.UntilAsync(() => metrics.Of("mesh.client.health_checks").Contains("mesh.service=orders mesh.outcome=success"));
        Assert.That(metrics.Of("mesh.client.health_checks"), Has.Some.EqualTo("mesh.service=orders mesh.outcome=failure"));
    }

    [Test]
    public async Task Check_ManyEndpoints_OnlySoManyAtATime()
    {
        var (now, most, seen) = (0, 0, 0);
        await using var server = await LoopbackServer.StartAsync(addresses: 30, async context =>
        {
            if (context.Request.Path != "/health")
            {
                return;
            }

            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            Interlocked.Increment(ref seen);
            await Task.Delay(20);
            Interlocked.Decrement(ref now);
        });
        await using var host = Host("""{ "Enabled": true, "Interval": "300ms", "MaxConcurrent": 4 }""", [.. server.Endpoints.Select(static address => $"http://{address}")]);

        (await host.CreateClient().GetAsync(new Uri("http://orders/items"))).Dispose();
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.All(static endpoint => endpoint.HealthCheck is not null) && Volatile.Read(ref seen) >= 90);

        Assert.That(most, Is.InRange(2, 4));
        Assert.That(host.State.GetServices().Single().Endpoints, Has.All.Property("Condition").EqualTo(EndpointCondition.Healthy));
    }

    [Test]
    public async Task Check_Grpc_AsksTheHealthProtocol()
    {
        var status = HealthCheckResponse.Types.ServingStatus.Serving;
        await using var first = await OrdersReplica.StartAsync("first");
        await using var second = await OrdersReplica.StartAsync("second");
        first.Health = service => service == "shop.Orders" ? status : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
        await using var host = Host($$"""{ {{Quick}}, "Protocol": "Grpc", "GrpcService": "shop.Orders" }""", first.Url, second.Url);
        await host.Directory.ResolveAsync("https", "orders");
        await ConditionsAsync(host, EndpointCondition.Healthy, EndpointCondition.Healthy, first.Url, second.Url);

        status = HealthCheckResponse.Types.ServingStatus.NotServing;

        await ConditionsAsync(host, EndpointCondition.Unhealthy, EndpointCondition.Healthy, first.Url, second.Url);
        Assert.That(host.State.GetServices().Single().Endpoints.Single(static endpoint => endpoint.Condition == EndpointCondition.Unhealthy).HealthCheck!.Failure, Is.EqualTo("NOT_SERVING"));
    }

    private static ClientHost Host(string check, params string[] addresses) => new(Json(check, addresses));

    private static string Json(string check, params string[] addresses) => Given.Services(
        $$"""{ "orders": { "{{new Uri(addresses[0]).Scheme}}": [ {{string.Join(", ", addresses.Select(static address => $"\"{address}\""))}} ] } }""",
        $$"""{ "orders": { "HealthCheck": {{check}} } }""");

    private static string Address(MeshService service) => new Uri(service.Url).Authority;

    private static int Calls(MeshService service) => service.Arrivals.Count(static arrival => arrival.Path == "/items");

    private static EndpointCondition Condition(ClientHost host, MeshService service) => Condition(host, service.Url);

    private static EndpointCondition Condition(ClientHost host, string url) =>
        host.State.GetServices().Single().Endpoints.Single(endpoint => endpoint.Address == new Uri(url).Authority).Condition;

    private static Task ConditionsAsync(ClientHost host, EndpointCondition first, EndpointCondition second, MeshService one, MeshService other) =>
        ConditionsAsync(host, first, second, one.Url, other.Url);

    private static async Task ConditionsAsync(ClientHost host, EndpointCondition first, EndpointCondition second, string one, string other) => await Eventually.UntilAsync(() =>
        (Condition(host, one), Condition(host, other)) == (first, second)
        && host.State.GetServices().Single().Endpoints.All(endpoint => endpoint.HealthCheck is not null || first == second));

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static JsonDocument Write(ClientHost host)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            ((IMeshStateSource)host.State).Write(writer);
        }

        return JsonDocument.Parse(stream.ToArray());
    }
}
