using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Mesh.Server.Pipeline;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Chains;

/// <summary>Services that call services: what one learns of a request reaches the next without code in between.</summary>
public sealed class ChainTests
{
    [Test]
    public async Task Call_ThroughTwoServices_CarriesIdentityOfEachHop()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh
            .AddService("orders", static app => app.MapGet("/", static (HttpContext http) => PeerOf(http)))
            .AddService("storefront", static app => app.MapGet("/", static async (HttpContext http, IHttpClientFactory clients) =>
                $"{PeerOf(http)} > {await clients.CreateClient().GetStringAsync("https://orders/", http.RequestAborted)}")));

        var hops = await mesh.CreateClient("shopper").GetStringAsync("https://storefront/");

        Assert.That(hops, Is.EqualTo($"{mesh.Authority.IdOf("shopper")} > {mesh.Authority.IdOf("storefront")}"));
    }

    [Test]
    public async Task Call_ThroughTwoServices_InheritsTheDeadlineLessWhatWasUsed()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh
            .AddService("orders", static app => app.MapGet("/", static (HttpContext http) => RemainingOf(http)))
            .AddService("storefront", static app => app.MapGet("/", static async (HttpContext http, IHttpClientFactory clients) =>
            {
                var here = RemainingOf(http);
                return new[] { here, await clients.CreateClient().GetFromJsonAsync<double>("https://orders/", http.RequestAborted) };
            })));
        mesh.Configure("Mesh:Client:Services:storefront:Timeout", "00:00:03");
        mesh.Configure("Mesh:Client:Services:storefront:AttemptTimeout", "00:00:03");

        var remaining = await mesh.CreateClient("shopper").GetFromJsonAsync<double[]>("https://storefront/");

        // The services' own time-outs are 10 and 4 seconds: only inheritance explains less than 3 at the second hop.
        Assert.That(remaining![0], Is.GreaterThan(0).And.LessThanOrEqualTo(3));
        Assert.That(remaining[1], Is.GreaterThan(0).And.LessThan(remaining[0]));
    }

    [Test]
    public async Task Call_DeadlineShorterThanTheWork_CancelsTheWholeTree()
    {
        var cancelled = new TaskCompletionSource();
        await using var mesh = await TestMesh.StartAsync(mesh => mesh
            .AddService("orders", app => app.MapGet("/", async (HttpContext http) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, http.RequestAborted);
                }
                finally
                {
                    cancelled.TrySetResult();
                }
            }))
            .AddService("storefront", static app => app.MapGet("/", static (HttpContext http, IHttpClientFactory clients) =>
                clients.CreateClient().GetStringAsync("https://orders/", http.RequestAborted))));
        mesh.Configure("Mesh:Client:Services:storefront:Timeout", "00:00:00.500");
        var shopper = mesh.CreateClient("shopper");

        // A 504 of the storefront or our own time-out, whichever is first; never a hang.
        try
        {
            using var answer = await shopper.GetAsync("https://storefront/");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        }
        catch (TaskCanceledException exception)
        {
            Assert.That(exception.InnerException, Is.InstanceOf<TimeoutException>());
        }

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task Call_WithoutTheRightIdentity_IsRefused()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh.AddService(
            "orders",
            static app => app.MapGet("/", static () => "42 cups"),
            settings: [new("Mesh:Server:Authorization:only:Rules:0:From:0:Principals:0", "mesh.test/ns/default/sa/storefront")]));

        using var refused = await mesh.CreateClient("catalog").GetAsync("https://orders/");
        var served = await mesh.CreateClient("storefront").GetStringAsync("https://orders/");

        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(refused.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(served, Is.EqualTo("42 cups"));
    }

    [Test]
    public async Task Reload_OfACanarysWeight_ShiftsTheShareWhileTrafficFlows()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh
            .AddService("orders", static app => app.MapGet("/", static () => "v1"))
            .AddService("orders-v2", static app => app.MapGet("/", static () => "v2")));
        mesh.Configure("Mesh:Client:Services:orders:Rules:0:BackendRefs:0:Name", "orders");
        mesh.Configure("Mesh:Client:Services:orders:Rules:0:BackendRefs:1:Name", "orders-v2");
        mesh.Configure("Mesh:Client:Services:orders:Rules:0:BackendRefs:1:Weight", "0");
        var storefront = mesh.CreateClient("storefront");

        var before = await CountAsync(storefront, 100);
        mesh.Configure("Mesh:Client:Services:orders:Rules:0:BackendRefs:0:Weight", "0");
        mesh.Configure("Mesh:Client:Services:orders:Rules:0:BackendRefs:1:Weight", "1");
        var after = await CountAsync(storefront, 100);

        Assert.That(before, Is.EquivalentTo(new Dictionary<string, int> { ["v1"] = 100 }));
        Assert.That(after, Is.EquivalentTo(new Dictionary<string, int> { ["v2"] = 100 }));
    }

    private static async Task<Dictionary<string, int>> CountAsync(HttpClient client, int calls)
    {
        var versions = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, calls, async (_, cancelled) => versions.Add(await client.GetStringAsync("https://orders/", cancelled)));
        return versions.CountBy(static version => version).ToDictionary();
    }

    private static string PeerOf(HttpContext http) => http.Features.GetRequiredFeature<MeshRequest>().Peer!.ToString();

    private static double RemainingOf(HttpContext http) =>
        http.Features.GetRequiredFeature<MeshRequest>().Deadline.Remaining(TimeProvider.System).TotalSeconds;
}
