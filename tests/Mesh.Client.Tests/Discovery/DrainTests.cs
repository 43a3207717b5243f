using System.Net;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery;

/// <summary>What becomes of the calls and connections of an endpoint that discovery names no more.</summary>
public sealed class DrainTests
{
    private static readonly Uri Uri = new("http://orders/items");

    private readonly ScriptedDiscovery _discovery = new();
    private readonly CountingTimeProvider _time = new();

    [TestCase(1)]
    [TestCase(2)]
    public async Task Call_UnderWayAtAnEndpointThatLeaves_FinishesAndThenItsConnectionCloses(int version)
    {
        var protocols = version == 1 ? HttpProtocols.Http1 : HttpProtocols.Http2;
        var (headers, body) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var old = await LoopbackServer.StartAsync(1, async context =>
        {
            if (context.Request.Path == "/items")
            {
                await headers.Task;
                await context.Response.Body.WriteAsync("begin "u8.ToArray());
                await context.Response.Body.FlushAsync();
                await body.Task;
                await context.Response.Body.WriteAsync("end"u8.ToArray());
            }
        }, protocols);
        await using var other = await LoopbackServer.StartAsync(1, protocols: protocols);
        _discovery.Name(old.Endpoints[0]);
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Defaults": { "Timeout": "1h", "AttemptTimeout": "1h", "BodyIdleTimeout": "0s", "ConnectTimeout": "1h" } } } }""", null, _time, services =>
            services.AddSingleton<IServiceEndpointProviderFactory>(_discovery));
        var client = host.CreateClient();
        client.Timeout = Timeout.InfiniteTimeSpan;
        client.DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        (await client.GetAsync(new Uri(Uri, "/idle"))).Dispose();
        var call = client.GetAsync(Uri, HttpCompletionOption.ResponseHeadersRead);
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All[0].Active == 1);

        _discovery.Name(other.Endpoints[0]);
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All[0].Address == other.Endpoints[0], () => _time.Advance(TimeSpan.FromMilliseconds(10)));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.That(call.IsCompleted, Is.False, "it has no answer yet, and keeps its endpoint");
        Assert.That(old.Connections, Is.GreaterThanOrEqualTo(1));

        headers.SetResult();
        using var response = await call;
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.That(old.Connections, Is.EqualTo(1), "only that of the body is left");

        body.SetResult();
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("begin end"));
        await Eventually.UntilAsync(() => old.Connections == 0, () => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.That((await client.GetAsync(Uri)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Endpoints_HealthCheckedAndGone_AreAskedNoMoreAndLeaveNothing()
    {
        var asked = 0;
        await using var old = await LoopbackServer.StartAsync(5, context =>
        {
            Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        });
        await using var other = await LoopbackServer.StartAsync(1);
        _discovery.Name([.. old.Endpoints]);
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Defaults": { "HealthCheck": { "Enabled": true, "Interval": "200ms" } } } } }""", null, _time, services =>
            services.AddSingleton<IServiceEndpointProviderFactory>(_discovery));
        var client = host.CreateClient();
        (await client.GetAsync(Uri)).Dispose();
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All.All(static endpoint => endpoint.Checks?.Last is not null), () => _time.Advance(TimeSpan.FromMilliseconds(50)));

        _discovery.Name(other.Endpoints[0]);
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All[0].Address == other.Endpoints[0], () => _time.Advance(TimeSpan.FromMilliseconds(10)));
        await Eventually.UntilAsync(() => old.Connections == 0, () => _time.Advance(TimeSpan.FromSeconds(1)));
        var before = Volatile.Read(ref asked);
        await PassAsync(TimeSpan.FromSeconds(30));

        Assert.That(asked, Is.EqualTo(before));
        Assert.That(host.Service("orders").Endpoints.All[0].Checks?.Last?.Passed, Is.True, "the new one is asked in their place");
    }

    // Timers run on their own threads: give them a moment for each step.
    private async Task PassAsync(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }
    }
}
