using System.Net;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Testing.Tests;

internal sealed class TestMeshTests
{
    [Test]
    public async Task CreateClient_CallsByNameWithTheCallersIdentity()
    {
        await using var mesh = await StartAsync(replicas: 1);

        Assert.That(await mesh.CreateClient("storefront").GetStringAsync("https://orders/who"), Is.EqualTo("spiffe://mesh.test/ns/default/sa/storefront"));
        Assert.That(await mesh.CreateClient("catalog.other").GetStringAsync("https://orders/who"), Is.EqualTo("spiffe://mesh.test/ns/other/sa/catalog"));
    }

    [Test]
    public async Task Replicas_AllGetCalls()
    {
        await using var mesh = await StartAsync(replicas: 3);
        var client = mesh.CreateClient("storefront");

        var seen = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            seen.Add(await client.GetStringAsync("https://orders/port"));
        }

        Assert.That(seen, Is.EquivalentTo(mesh["orders"].Replicas.Select(static replica => replica.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Test]
    public async Task Services_CallEachOtherAndInheritTheDeadline()
    {
        await using var mesh = await TestMesh.StartAsync(static mesh => mesh
            .AddService("orders", static app => app.MapGet("/", static () => MeshContext.Current!.Deadline.IsNone ? "no deadline" : $"deadline for {MeshContext.Current.Peer!.ServiceAccount}"))
            .AddService("storefront", static app => app.MapGet("/", static (IHttpClientFactory clients) => clients.CreateClient().GetStringAsync("https://orders/"))));

        Assert.That(await mesh.CreateClient("gateway").GetStringAsync("https://storefront/"), Is.EqualTo("deadline for storefront"));
    }

    [Test]
    public async Task KillAsync_UnderLoad_NoIdempotentCallFails()
    {
        await using var mesh = await StartAsync(replicas: 3);
        var client = mesh.CreateClient("storefront");
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var calls = 0;
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.GetAsync("https://orders/slow");
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                calls++;
            }

            return calls;
        })).ToArray();

        await Task.Delay(200);
        await mesh["orders"][1].KillAsync();
        await Task.Delay(300);
        await stop.CancelAsync();

        Assert.That((await Task.WhenAll(load)).Sum(), Is.GreaterThan(50));
    }

    [Test]
    public async Task KillAsync_BreaksTheCallUnderWay()
    {
        await using var mesh = await StartAsync(replicas: 1);
        var call = mesh.CreateClient("storefront").PostAsync(new Uri("https://orders/hang"), null);
        await mesh["orders"][0].Services.GetRequiredService<TaskCompletionSource>().Task;

        await mesh["orders"][0].KillAsync();

        Assert.That(async () => await call, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task StopAsync_FinishesTheCallUnderWay()
    {
        await using var mesh = await StartAsync(replicas: 1);
        var call = mesh.CreateClient("storefront").GetStringAsync("https://orders/wait");
        await mesh["orders"][0].Services.GetRequiredService<TaskCompletionSource>().Task;

        await mesh["orders"][0].StopAsync();

        Assert.That(await call, Is.EqualTo("waited"));
        Assert.That(mesh["orders"][0].IsRunning, Is.False);
    }

    [Test]
    public async Task StartAsync_AfterAKill_ServesAgainOnTheSamePort()
    {
        await using var mesh = await StartAsync(replicas: 1);
        var before = mesh["orders"][0].Address;
        await mesh["orders"][0].KillAsync();

        await mesh["orders"][0].StartAsync();

        Assert.That(mesh["orders"][0].Address, Is.EqualTo(before));
        Assert.That(await mesh.CreateClient("storefront").GetStringAsync("https://orders/port"), Is.Not.Empty);
    }

    [Test]
    public async Task Configure_OneService_HoldsForTheNextRequest()
    {
        await using var mesh = await StartAsync(replicas: 2);
        var client = mesh.CreateClient("storefront");

        mesh["orders"].Configure("Mesh:Server:Authorization:nobody:Action", "Allow");

        using var response = await client.GetAsync("https://orders/who");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Configure_Everybody_ReachesCallersToo()
    {
        await using var mesh = await StartAsync(replicas: 1);
        var client = mesh.CreateClient("storefront");
        await client.GetStringAsync("https://orders/who");

        mesh.Configure("Mesh:Client:Services:orders:Tls:AllowedPeers:0", "spiffe://mesh.test/ns/default/sa/somebody-else");
        await mesh["orders"][0].KillAsync();
        await mesh["orders"][0].StartAsync();

        Assert.That(
            async () => await client.GetStringAsync("https://orders/who"),
            Throws.InstanceOf<HttpRequestException>().With.Property(nameof(HttpRequestException.InnerException)).InstanceOf<MeshTlsException>());
    }

    [Test]
    public async Task Rotate_ToAnExpiredIdentity_CallersRefuseIt()
    {
        await using var mesh = await StartAsync(replicas: 1);

        mesh["orders"][0].Identity.Rotate(mesh.Authority.IssueExpired("orders"));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.CreateClient("storefront").GetStringAsync("https://orders/who"));
        Assert.That((error!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.Expired));
    }

    [Test]
    public void StartAsync_InvalidSettings_SaysWhatIsWrong() => Assert.That(
        static () => TestMesh.StartAsync(static mesh =>
        {
            mesh.Settings["Mesh:Server:RequestTimeout"] = "never";
            mesh.AddService("orders", static _ => { });
        }),
        Throws.InstanceOf<Configuration.MeshConfigurationException>().With.Message.Contains("RequestTimeout"));

    [Test]
    public void AddService_SameNameTwice_IsRefused() => Assert.That(
        static () => TestMesh.StartAsync(static mesh => mesh.AddService("orders", static _ => { }).AddService("Orders", static _ => { })),
        Throws.ArgumentException);

    private static Task<TestMesh> StartAsync(int replicas) => TestMesh.StartAsync(mesh => mesh.AddService(
        "orders",
        static app =>
        {
            var entered = app.Services.GetRequiredService<TaskCompletionSource>();
            app.MapGet("/who", static () => MeshContext.Current!.Peer!.ToString());
            app.MapGet("/port", static (HttpContext http) => http.Connection.LocalPort.ToString(System.Globalization.CultureInfo.InvariantCulture));
            app.MapGet("/slow", static () => Task.Delay(5));
            app.MapPost("/hang", () =>
            {
                entered.TrySetResult();
                return Task.Delay(Timeout.Infinite);
            });
            app.MapGet("/wait", async () =>
            {
                entered.TrySetResult();
                await Task.Delay(200);
                return "waited";
            });
        },
        replicas,
        static builder => builder.Services.AddSingleton<TaskCompletionSource>()));
}
