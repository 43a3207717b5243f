using System.Net;
using System.Text;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Mirroring;

/// <summary>Copies of requests, over real connections.</summary>
public sealed class MirrorTests
{
    private readonly List<string> _bodies = [];

    [Test]
    public async Task SendAsync_Mirror_GetsACopyAfterTheRulesChanges()
    {
        await using var orders = await StartAsync("orders");
        await using var shadow = await StartAsync("shadow", KeepBodyAsync);
        await using var host = Host(
            orders,
            shadow,
            """
            "Filters": [ { "Type": "RequestMirror", "RequestMirror": { "BackendRef": { "Name": "shadow", "Filters": [
                             { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-mirror", "Value": "own" } ] } } ] } } },
                         { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-rule", "Value": "1" } ] } },
                         { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/v2" } } } ]
            """);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://orders/a") { Content = new StringContent("hello", Encoding.UTF8, "text/x-test") };
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("Cookie", "a=b");

        using (var response = await host.CreateClient().SendAsync(request))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        await Eventually.UntilAsync(() => Bodies.Length == 1);
        var (original, copy) = (orders.Arrivals.Single(), shadow.Arrivals.Single());
        Assert.Multiple(() =>
        {
            Assert.That(Bodies.Single(), Is.EqualTo("hello"));
            Assert.That((copy.Method, copy.Path, copy.Host), Is.EqualTo(("POST", "/v2/a", original.Host)));
            Assert.That(copy.Headers["Content-Type"], Is.EqualTo("text/x-test; charset=utf-8"));
            Assert.That(copy.Headers["x-rule"], Is.EqualTo("1"));
            Assert.That(copy.Headers["x-mirror"], Is.EqualTo("own"));
            Assert.That(copy.Headers[MeshHeaders.Mirrored], Is.EqualTo("1"));
            Assert.That(copy.Headers, Does.Not.ContainKey("Authorization").And.Not.ContainKey("Cookie"));
            Assert.That(copy.Peer, Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
            Assert.That(original.Headers["Authorization"], Is.EqualTo("Bearer secret"));
            Assert.That(original.Headers, Does.Not.ContainKey(MeshHeaders.Mirrored).And.Not.ContainKey("x-mirror"));
        });
    }

    [Test]
    public async Task SendAsync_MirrorKeepsCredentials_WhereTheRuleSaysSo()
    {
        await using var orders = await StartAsync("orders");
        await using var shadow = await StartAsync("shadow");
        await using var host = Host(orders, shadow, """ "Filters": [ { "Type": "RequestMirror", "RequestMirror": { "BackendRef": { "Name": "shadow" }, "KeepCredentials": true } } ]""");
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");
        request.Headers.Add("Authorization", "Bearer secret");

        using var response = await host.CreateClient().SendAsync(request);

        await Eventually.UntilAsync(() => shadow.Arrivals.Count == 1);
        Assert.That(shadow.Arrivals.Single().Headers["Authorization"], Is.EqualTo("Bearer secret"));
    }

    [TestCase(0)]
    [TestCase(60_000)]
    [TestCase(65_536)]
    public async Task SendAsync_StreamedBody_IsRecordedWhileItIsSent(int size)
    {
        await using var orders = await StartAsync("orders", KeepBodyAsync);
        await using var shadow = await StartAsync("shadow", KeepBodyAsync);
        await using var host = Host(orders, shadow, Mirror());
        using var body = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', size)));
        using var content = new StreamContent(body);
        content.Headers.ContentLength = null;

        using var response = await host.CreateClient().PostAsync(new Uri("https://orders/"), content);

        await Eventually.UntilAsync(() => Bodies.Length == 2);
        Assert.That(Bodies, Has.All.Length.EqualTo(size));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task SendAsync_BodyBeyondTheBound_IsSentAndNotCopied(bool streamed)
    {
        await using var orders = await StartAsync("orders", KeepBodyAsync);
        await using var shadow = await StartAsync("shadow");
        await using var host = Host(orders, shadow, Mirror());
        using HttpContent content = streamed ? new ChunkedContent(65_537) : new ByteArrayContent(new byte[65_537]);

        using var response = await host.CreateClient().PostAsync(new Uri("https://orders/"), content);

        await Eventually.UntilAsync(() => State(host).TooLarge == 1);
        Assert.That(Bodies.Single(), Has.Length.EqualTo(65_537));
        Assert.That(shadow.Arrivals, Is.Empty);
    }

    [TestCase("slow")]
    [TestCase("dead")]
    [TestCase("unknown")]
    public async Task SendAsync_MirrorIsIll_IsNotTheCallersProblem(string illness)
    {
        var release = new TaskCompletionSource();
        await using var orders = await StartAsync("orders");
        await using var shadow = await StartAsync("shadow", _ => release.Task);
        if (illness == "dead")
        {
            await shadow.KillAsync();
        }

        await using var host = Host(orders, shadow, Mirror(illness == "unknown" ? "nobody" : "shadow"));
        using (var response = await host.CreateClient().GetAsync(new Uri("https://orders/")))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        release.SetResult();
        await Eventually.UntilAsync(() => State(host) is { Sent: 1, Active: 0 });
    }

    [Test]
    public async Task SendAsync_TooManyCopies_AreNotMade()
    {
        var release = new TaskCompletionSource();
        await using var orders = await StartAsync("orders");
        await using var shadow = await StartAsync("shadow", _ => release.Task);
        await using var host = Host(orders, shadow, Mirror(), """ "Mirroring": { "MaxActive": 2 },""");
        for (var i = 0; i < 5; i++)
        {
            using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));
        }

        Assert.That((State(host).Active, State(host).Dropped), Is.EqualTo((2, 3)));
        release.SetResult();
        await Eventually.UntilAsync(() => State(host).Active == 0);
    }

    [Test]
    public async Task SendAsync_CallerLeaves_TheCopyGoesOnWithoutItsDeadline()
    {
        var release = new TaskCompletionSource();
        await using var orders = await StartAsync("orders", context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default));
        await using var shadow = await StartAsync("shadow", context => release.Task.WaitAsync(context.RequestAborted));
        await using var host = Host(orders, shadow, Mirror());
        using var leaving = new CancellationTokenSource();
        using (MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(3), TimeProvider.System) }))
        {
            var call = host.CreateClient().GetAsync(new Uri("https://orders/"), leaving.Token);
            await Eventually.UntilAsync(() => shadow.Arrivals.Count == 1);
            await leaving.CancelAsync();
            await Assert.ThatAsync(() => call, Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(State(host).Active, Is.EqualTo(1));

        // Its attempt has the time-out of the mirrored service and not what was left of the caller's.
        Assert.That(shadow.Arrivals.Single().Headers[MeshHeaders.Timeout], Is.EqualTo("4000m"));
        release.SetResult();
        await Eventually.UntilAsync(() => State(host).Active == 0);
    }

    [Test]
    public async Task SendAsync_MirrorFails_CostsNoBudgetAndIsNotRepeated()
    {
        await using var orders = await StartAsync("orders");
        await using var shadow = await StartAsync("shadow", static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var host = Host(orders, shadow, Mirror(), """ "Defaults": { "Retry": { "Budget": { "Ratio": 1, "MinPerSecond": 0 } } },""");
        for (var i = 0; i < 3; i++)
        {
            using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));
        }

        await Eventually.UntilAsync(() => State(host) is { Sent: 3, Active: 0 });
        Assert.That(shadow.Arrivals, Has.Count.EqualTo(3));
        var service = host.State.GetServices().Single(static service => service.Name == "shadow");
        Assert.That((service.Retries, service.RetryBudget), Is.EqualTo((0, 0)));
    }

    private string[] Bodies
    {
        get
        {
            lock (_bodies)
            {
                return [.. _bodies];
            }
        }
    }

    private static Client.Mirroring.MirrorLedger State(ClientHost host) => host.Services.GetRequiredService<Client.Mirroring.MirrorLedger>();

    private static string Mirror(string service = "shadow") =>
        $$""" "Filters": [ { "Type": "RequestMirror", "RequestMirror": { "BackendRef": { "Name": "{{service}}" } } } ] """;

    private static Task<MeshService> StartAsync(string name, Func<HttpContext, Task>? handle = null) => MeshService.StartAsync(TestAuthority.Shop.Identity(name), handle);

    private static ClientHost Host(MeshService orders, MeshService shadow, string rule, string client = "") => new(
        $$"""
        { "Services": { "orders": { "https": [ "127.0.0.1:{{orders.Port}}" ] }, "shadow": { "https": [ "127.0.0.1:{{shadow.Port}}" ] } },
          "Mesh": { "Client": { {{client}} "Services": { "orders": { "Rules": [ { {{rule}}, "BackendRefs": [ { "Name": "orders" } ] } ] } } } } }
        """);

    private async Task KeepBodyAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        lock (_bodies)
        {
            _bodies.Add(body);
        }
    }

    private sealed class ChunkedContent(int size) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var sent = 0; sent < size; sent += 1024)
            {
                await stream.WriteAsync(new byte[Math.Min(1024, size - sent)]);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
