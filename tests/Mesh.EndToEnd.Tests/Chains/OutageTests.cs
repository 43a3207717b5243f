using System.Diagnostics;
using System.Net;
using Mesh.Client.Ejection;
using Mesh.Client.State;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Chains;

/// <summary>Replicas that die, and services that are down: nobody notices the one, and nobody makes the other worse.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(4);

    [Test]
    public async Task Kill_OneOfThreeReplicasAtAnyMoment_FailsNoIdempotentCall()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh.AddService("orders", static app => app.MapGet("/", static () => "42 cups"), replicas: 3));
        mesh.Configure("Mesh:Client:Defaults:Ejection:BaseTime", "00:00:00.100");
        mesh.Configure("Mesh:Client:Defaults:Ejection:MaxTime", "00:00:00.200");
        var storefront = mesh.CreateClient("storefront");
        using var stop = new CancellationTokenSource(Load);
        var failures = new List<string>();
        long calls = 0;

        var traffic = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var answer = await storefront.GetAsync("https://orders/");
                    answer.EnsureSuccessStatusCode();
                    Interlocked.Increment(ref calls);
                }
                catch (Exception exception)
                {
                    lock (failures)
                    {
                        failures.Add(exception.ToString());
                    }
                }
            }
        })));
        for (var victim = 0; !stop.IsCancellationRequested; victim = (victim + 1) % 3)
        {
            await mesh["orders"][victim].KillAsync();
            await Task.Delay(Random.Shared.Next(50, 200));
            await mesh["orders"][victim].StartAsync();

            // One of three at a time: the last one is back in rotation, for only one of them may be out of it.
            await Task.Delay(Random.Shared.Next(300, 500));
        }

        await traffic;

        Assert.That(failures, Is.Empty);
        Assert.That(calls, Is.GreaterThan(100));
    }

    [TestCase(100, false)]
    [TestCase(100, true)]
    [TestCase(50, false)]
    [TestCase(50, true)]
    public async Task Outage_OfTheLastOfThreeServices_IsNotMultiplied(int percent, bool hedges)
    {
        long asked = 0, arrived = 0;
        await using var mesh = await TestMesh.StartAsync(mesh => mesh
            .AddService("payments", app => app.MapGet("/", async (HttpContext http) =>
            {
                var number = Interlocked.Increment(ref arrived);
                if (hedges)
                {
                    // Slower than the delay of the hedges: every call is due one.
                    await Task.Delay(20);
                }

                if (number * percent / 100 != (number - 1) * percent / 100)
                {
                    http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                }
            }), replicas: 2)
            .AddService("orders", app => app.MapGet("/", async (HttpContext http, IHttpClientFactory clients) =>
            {
                Interlocked.Increment(ref asked);
                await Relay("https://payments/")(http, clients);
            }), replicas: 2));
        mesh.Configure("Mesh:Client:Defaults:Retry:Budget:MinPerSecond", "0");
        if (hedges)
        {
            mesh.Configure("Mesh:Client:Defaults:Hedging:Attempts", "1");
            mesh.Configure("Mesh:Client:Defaults:Hedging:Delay", "00:00:00.001");
        }

        var storefront = mesh.CreateClient("storefront");
        const int Calls = 1000;
        long failed = 0;

        await Parallel.ForAsync(0, Calls, async (_, cancelled) =>
        {
            using var answer = await storefront.GetAsync("https://orders/", cancelled);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
                Interlocked.Increment(ref failed);
            }
        });

        TestContext.Out.WriteLine($"{Calls} calls, {asked} at orders, {arrived} at payments, {failed} failed");
        Assert.That(asked, Is.InRange(Calls, (long)(Calls * 1.2)), "the first hop");
        Assert.That(arrived, Is.InRange(asked, (long)(asked * 1.2)), "the second hop");
        if (percent == 100 && !hedges)
        {
            // Only the service right above the one that fails repeats: 1.2 for the whole chain, not 1.2 a hop.
            Assert.That(arrived, Is.LessThanOrEqualTo((long)(Calls * 1.2)));
        }

        if (percent < 100)
        {
            Assert.That(failed, Is.LessThan(Calls * percent / 100), "some of what is repeated succeeds");
        }
    }

    [Test]
    public async Task Outage_OfEveryReplica_CostsAFifthPerHopAndEndsInTwoEjectionTimes([Values] bool hedging)
    {
        const int Calls = 400;
        var ejectionTime = TimeSpan.FromSeconds(3);
        await using var mesh = await TestMesh.StartAsync(mesh => mesh
            .AddService("payments", static app => app.MapGet("/", static () => "paid"), replicas: 2)
            .AddService("orders", static app => app.MapGet("/", Relay("https://payments/")), replicas: 2)
            .AddService("storefront", static app => app.MapGet("/", Relay("https://orders/")), replicas: 2));
        mesh.Configure("Mesh:Client:Defaults:Retry:Budget:MinPerSecond", "0");
        mesh.Configure("Mesh:Client:Defaults:Ejection:BaseTime", "3s");
        mesh.Configure("Mesh:Client:Defaults:Ejection:MaxTime", "3s");
        if (hedging)
        {
            // Shorter than a call through a dead hop takes: without a budget each hop would send everything twice.
            mesh.Configure("Mesh:Client:Defaults:Hedging:Delay", "1ms");
        }

        var shopper = mesh.CreateClient("shopper");
        await Task.WhenAll(mesh["payments"][0].KillAsync(), mesh["payments"][1].KillAsync());

        var succeeded = 0;
        await Parallel.ForAsync(0, Calls, async (_, cancelled) =>
        {
            using var answer = await shopper.GetAsync("https://storefront/", cancelled);
            Interlocked.Add(ref succeeded, answer.IsSuccessStatusCode ? 1 : 0);
        });

        Assert.That(succeeded, Is.Zero);
        Assert.Multiple(() =>
        {
            AssertAFifthIsAdded("storefront", "orders");
            AssertAFifthIsAdded("orders", "payments");
        });

        await Task.WhenAll(mesh["payments"][0].StartAsync(), mesh["payments"][1].StartAsync());

        var recovery = Stopwatch.StartNew();
        var good = 0;
        while (good < 20 || !StatesOf("orders", "payments").All(static state => state.Endpoints.All(static endpoint => endpoint.Condition == EndpointCondition.Healthy)))
        {
            Assert.That(recovery.Elapsed, Is.LessThan(2 * ejectionTime), "all replicas are back in the rotation, and calls succeed");
            using var answer = await shopper.GetAsync("https://storefront/");
            good = answer.IsSuccessStatusCode ? good + 1 : 0;
        }

        void AssertAFifthIsAdded(string caller, string callee)
        {
            var states = StatesOf(caller, callee);
            var added = states.Sum(static state => state.Retries + state.Hedges);
            var calls = states.Sum(static state => state.Endpoints.Sum(static endpoint => endpoint.Requests)) - added;
            Assert.That(calls, Is.GreaterThanOrEqualTo(Calls), $"{caller} calls {callee}");
            Assert.That(added, Is.LessThanOrEqualTo(calls / 5), $"{caller} calls {callee} {calls} times");
        }

        ServiceStateView[] StatesOf(string caller, string callee) =>
        [
            .. Enumerable.Range(0, 2)
                .SelectMany(replica => mesh[caller][replica].Services.GetRequiredService<MeshClientState>().GetServices())
                .Where(state => state.Name == callee),
        ];
    }

    [Test]
    public async Task Replica_ThatFails_LeavesTheRotationAndComesBack()
    {
        var ill = true;
        await using var mesh = await TestMesh.StartAsync(mesh => mesh
            .AddService("orders", app => app.MapGet("/", (HttpContext http) =>
            {
                if (Volatile.Read(ref ill) && http.Connection.LocalPort == IllPort(app))
                {
                    http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                }
            }), replicas: 2)
            .AddService("storefront", static app => app.MapGet("/", Relay("https://orders/"))));
        var ejection = TimeSpan.FromSeconds(1.5);
        mesh.Configure("Mesh:Client:Defaults:Ejection:BaseTime", ejection.ToString());
        mesh["orders"][0].Configure("Ill", "true");
        var shopper = mesh.CreateClient("shopper");
        var state = mesh["storefront"][0].Services.GetRequiredService<MeshClientState>();

        await AskUntilAsync(() => Conditions(state).Contains(EndpointCondition.Ejected));
        Volatile.Write(ref ill, false);
        var recovers = System.Diagnostics.Stopwatch.StartNew();
        await AskUntilAsync(() => Conditions(state).All(static condition => condition == EndpointCondition.Healthy));
        Assert.That(recovers.Elapsed, Is.LessThan(2 * ejection));

        async Task AskUntilAsync(Func<bool> reached)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            do
            {
                using var answer = await shopper.GetAsync("https://storefront/", patience.Token);
            }
            while (!reached());
        }

        static IEnumerable<EndpointCondition> Conditions(MeshClientState state) =>
            state.GetServices().Single(static service => service.Name == "orders").Endpoints.Select(static endpoint => endpoint.Condition);

        static int IllPort(WebApplication app) => app.Configuration["Ill"] is null ? -1 : new Uri(app.Urls.First()).Port;
    }

    private static Func<HttpContext, IHttpClientFactory, Task> Relay(string uri) => async (http, clients) =>
    {
        try
        {
            using var answer = await clients.CreateClient().GetAsync(uri, http.RequestAborted);
            http.Response.StatusCode = (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            http.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    };
}
