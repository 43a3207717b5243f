using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Discovery at its worst, while the service is being called.</summary>
[NonParallelizable]
public sealed class DiscoveryStressTests
{
    private const int Callers = 8;
    private static readonly Uri Uri = new("http://orders/items");

    private readonly ScriptedDiscovery _discovery = new();

    [Test]
    public async Task Calls_WhileDiscoveryFailsAndNamesNothingAndFlapsAndNamesTenThousand_NoneFails()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        _discovery.Name("10.0.0.1:80", "10.0.0.2:80");
        using var transport = new Answering();
        await using var host = Host(transport, TimeProvider.System);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(host.CreateClient(), stop.Token))).ToArray();

        for (var i = 0; i < 300; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    _discovery.Fail();
                    break;
                case 1:
                    _discovery.Name();
                    break;
                case 2:
                    _discovery.Name(Some(random.Next(1, 6), random));
                    break;
                default:
                    _discovery.Name(Some(i % 50 == 0 ? 10_000 : 100, random));
                    break;
            }

            await Task.Delay(random.Next(4));
        }

        _discovery.Name("10.0.0.3:80");
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All is [{ Address: "10.0.0.3:80" }]);
        await stop.CancelAsync();

        Assert.That((await Task.WhenAll(callers)).Sum(), Is.GreaterThan(Callers));
    }

    [Test]
    [Platform("Linux", Reason = "Elsewhere not all of 127.0.0.0/8 is this machine.")]
    public async Task Calls_OverRealConnectionsWhileDiscoveryIsAtItsWorst_NoneFails()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = await LoopbackServer.StartEverywhereAsync();
        _discovery.Name(Local(2, server.Port));
        var time = new CountingTimeProvider();

        // The clock runs far ahead of the calls.
        await using var host = Host(null, time, """{ "Mesh": { "Client": { "Defaults": { "Timeout": "10h", "AttemptTimeout": "10h", "ConnectTimeout": "10h", "BodyIdleTimeout": "0s" } } } }""");
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(host.CreateClient(), stop.Token))).ToArray();

        for (var i = 0; i < 150; i++)
        {
            switch (i % 10 == 5 ? 9 : random.Next(4))
            {
                case 0:
                    _discovery.Fail();
                    break;
                case 1:
                    _discovery.Name();
                    break;
                case 9:
                    _discovery.Name(Local(10_000, server.Port));
                    break;
                default:
                    _discovery.Name(Local(random.Next(1, 50), server.Port));
                    break;
            }

            await Task.Delay(random.Next(8));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        _discovery.Name(Local(1, server.Port));
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All.Length == 1, () => time.Advance(TimeSpan.FromMilliseconds(100)));
        await stop.CancelAsync();

        Assert.That((await Task.WhenAll(callers)).Sum(), Is.GreaterThan(Callers));
        await Eventually.UntilAsync(() => server.Connections <= Callers, () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task News_FasterThanTheyCanBeTakenOver_AreTakenOverInTheEnd()
    {
        _discovery.Name(Some(2_000, new Random(1)));
        using var transport = new Answering();
        await using var host = Host(transport, TimeProvider.System);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        for (var i = 0; i < 200; i++)
        {
            _discovery.Name(Some(2_000, new Random(i)));
        }

        _discovery.Name("10.0.0.3:80");
        await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All is [{ Address: "10.0.0.3:80" }]);
        Assert.That(host.Log.Mesh.Count(static text => text.Contains("has 2000 endpoints", StringComparison.Ordinal)), Is.LessThan(100), "many changes are one");
    }

    [Test]
    public async Task Reload_AThousandTimesOverRealConnections_LeavesNothingBehind()
    {
        const int Reloads = 1_000;
        var time = new CountingTimeProvider();
        await using var server = await LoopbackServer.StartAsync(addresses: 4);
        _discovery.Name(server.Endpoints[0]);
        await using var host = Host(null, time);
        var client = host.CreateClient();
        List<WeakReference> gone = [];
        var timers = 0;
        var files = 0;
        var memory = 0L;
        for (var i = 0; i <= Reloads; i++)
        {
            await MoveAsync(i, gone);
            if (i == Reloads / 5)
            {
                (timers, files, memory) = (time.Timers, OpenFiles(), Memory());
            }
        }

        // Far from the thousands that a connection left behind by each would make.
        await Eventually.UntilAsync(() => OpenFiles() <= files + 50);
        Assert.That(time.Timers, Is.LessThanOrEqualTo(timers + 2), "timers");
        Assert.That(Memory() - memory, Is.LessThan(2_000_000), "bytes");
        Assert.That(gone.Take(Reloads - 10).Count(static endpoint => endpoint.IsAlive), Is.Zero, "endpoints");

        async Task MoveAsync(int round, List<WeakReference> left)
        {
            var next = server.Endpoints[round % server.Endpoints.Count];
            _discovery.Name(next);
            (await client.GetAsync(Uri)).Dispose();

            // Where the clock jumped in the midst of the last change, the watcher rests as if that had been work.
            await Eventually.UntilAsync(() => host.Service("orders").Endpoints.All[0].Address == next, () => time.Advance(TimeSpan.FromSeconds(1)));
            (await client.GetAsync(Uri)).Dispose();
            left.Add(Current(host));

            // Long enough for those that have left to be closed, and for the same address to be another endpoint next time.
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.Delay(1);
        }
    }

    // Not inlined: the endpoint must not stay alive in a local of the test.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Current(ClientHost host) => new(host.Service("orders").Endpoints.All[0]);

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int OpenFiles() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private static async Task<int> CallAsync(HttpClient client, CancellationToken stop)
    {
        var calls = 0;
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.GetAsync(Uri, CancellationToken.None);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            calls++;
        }

        return calls;
    }

    private static IPEndPoint[] Some(int count, Random random)
    {
        var from = random.Next(1 << 20);
        return [.. Enumerable.Range(from, count).Select(static number => new IPEndPoint(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 80))];
    }

    // All of them lead to the same server.
    private static IEnumerable<IPEndPoint> Local(int count, int port) =>
        Enumerable.Range(1, count).Select(number => new IPEndPoint(new IPAddress([127, 0, (byte)(number >> 8), (byte)number]), port));

    private ClientHost Host(HttpMessageHandler? transport, TimeProvider time, string settings = "{}") =>
        new(settings, transport, time, services => services.AddSingleton<IServiceEndpointProviderFactory>(_discovery));

    /// <summary>A network that always works.</summary>
    private sealed class Answering : HttpMessageHandler
    {
        [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes the response.")]
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
        }
    }
}
