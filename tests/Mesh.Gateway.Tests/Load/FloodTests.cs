using System.Diagnostics;
using System.Net;
using System.Text;
using Mesh.Gateway.Tests.Protocols;

namespace Mesh.Gateway.Tests.Load;

/// <summary>Floods and slow clients. Whatever one of them does, the others are served, and the gateway keeps no more for it than it may.</summary>
public sealed class FloodTests
{
    private const int EnhanceYourCalm = 11;

    // Of one connection, with everything that many others leave behind until the next collection.
    private const long MayGrow = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private Backend _backend = null!;
    private Edge _edge = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backend = await Backend.StartAsync();
        _edge = await Edge.StartWithMembersAsync(
            Edge.Everything("b"), "", """ "Server": { "Limits": { "HeadersTimeout": "1s", "IdleTimeout": "2s" } }, """, ("b", _backend.Address));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _edge.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Test]
    public Task Slowloris_HeadersByteByByte_AreEndedWithinTheirTime() => AmongOthersAsync(async () =>
    {
        using var flood = await Flood.OpenAsync(_edge.Address, 300, static connection => connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nx-slow: "));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && !flood.AllHaveEnded;)
        {
            await flood.EachAsync(static connection => connection.WriteAsync("x"));
            await Task.Delay(100);
        }

        Assert.That(flood.AllHaveEnded, Is.True);
    });

    [Test]
    public Task Slowloris_HeaderBlockOfHttp2WithoutEnd_IsEndedWithinItsTime() => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        await connection.WriteAsync(FloodConnection.Frame(1, 0, 1, FloodConnection.Header));
        await connection.DrainAsync(Patience);

        Assert.That(connection.HasEnded, Is.True);
    });

    [Test]
    public Task Connections_ThatSayNothing_AreEndedWithinTheirTime([Values] bool http2) => AmongOthersAsync(async () =>
    {
        using var flood = await Flood.OpenAsync(http2 ? _edge.Http2Address : _edge.Address, 300, static _ => Task.CompletedTask);
        await flood.EachAsync(static connection => connection.DrainAsync(Patience));

        Assert.That(flood.AllHaveEnded, Is.True);
    });

    [Test]
    public async Task Http2_HeaderOfTheFloodsSentOnce_IsServed()
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        await connection.WriteAsync(FloodConnection.Frame(1, 5, 1, FloodConnection.Header));
        await connection.DrainAsync(Patience);

        Assert.That(connection.FindGoAway(), Is.EqualTo(0), "idle, and nothing wrong");
        Assert.That(Encoding.ASCII.GetString([.. connection.Received]), Does.Contain("ok"));
    }

    [Test]
    public Task Http2_RapidReset_EndsTheConnection() => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        var reading = connection.DrainAsync(Patience);
        for (var stream = 1; stream < 200_000 && !connection.HasEnded; stream += 2)
        {
            await connection.WriteAsync((byte[])[.. FloodConnection.Frame(1, 5, stream, FloodConnection.Header), .. FloodConnection.Frame(3, 0, stream, [0, 0, 0, 8])]);
        }

        await reading;
        Assert.That(connection.HasEnded, Is.True);

        // Lost where the connection is closed with frames in it that nobody has read.
        Assert.That(connection.FindGoAway(), Is.Null.Or.EqualTo(EnhanceYourCalm));
        Assert.That(_backend.Requests, Is.LessThan(50_000));
    });

    // CVE-2025-8671, "MadeYouReset": the caller breaks the rules of a stream, and the server itself resets it.
    [Test]
    public Task Http2_StreamsThatTheServerMustReset_EndTheConnection() => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        var reading = connection.DrainAsync(Patience);
        var before = _backend.Requests;
        for (var stream = 1; stream < 100_000 && !connection.HasEnded; stream += 2)
        {
            // A window of more than 2 GB.
            await connection.WriteAsync((byte[])[.. FloodConnection.Frame(1, 4, stream, FloodConnection.Header), .. FloodConnection.Frame(8, 0, stream, [0x7f, 0xff, 0xff, 0xff])]);
        }

        await reading;
        Assert.That(connection.HasEnded, Is.True);
        Assert.That(_backend.Requests - before, Is.LessThan(25_000));
    });

    [Test]
    public Task Http2_ResponsesThatMayNotBeSent_HarmNobodyElse() => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        await connection.WriteAsync(FloodConnection.Frame(4, 0, 0, [0, 4, 0, 0, 0, 0]));
        for (var stream = 1; stream < 200; stream += 2)
        {
            await connection.WriteAsync(FloodConnection.Frame(1, 5, stream, FloodConnection.Header));
        }

        await connection.DrainAsync(TimeSpan.FromSeconds(2));
    });

    [Test]
    public Task Http2_Continuations_EndTheConnection([Values] bool empty) => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        await connection.WriteAsync(FloodConnection.Frame(1, 1, 1, FloodConnection.Header));

        // A literal field that is not indexed: "x: " and a hundred letters.
        byte[] field = empty ? [] : [0x00, 1, (byte)'x', 100, .. Encoding.ASCII.GetBytes(new string('y', 100))];
        var reading = connection.DrainAsync(Patience);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience && !connection.HasEnded;)
        {
            await connection.WriteAsync(FloodConnection.Frame(9, 0, 1, field));
        }

        await reading;
        Assert.That(connection.HasEnded, Is.True);
    });

    // Nobody has to answer faster than he is read: what is not taken is not answered, and in the end not read.
    [TestCase(4, new byte[] { 0, 3, 0, 0, 0, 100 })]
    [TestCase(6, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    public Task Http2_FramesToBeAnswered_ByOneWhoDoesNotRead_GetStuck(byte type, byte[] payload) => AmongOthersAsync(async () =>
    {
        using var connection = await FloodConnection.ConnectAsync(_edge.Http2Address);
        await connection.GreetAsync();
        var frame = FloodConnection.Frame(type, 0, 0, payload);
        var block = new byte[frame.Length * 1000];
        for (var i = 0; i < 1000; i++)
        {
            frame.CopyTo(block, i * frame.Length);
        }

        const long Limit = 256 << 20;
        Assert.That(await connection.WriteUntilStuckAsync(block, Limit), Is.LessThan(Limit));
    });

    [TestCase(150)]
    [TestCase(5000)]
    public Task Request_TooManyFields_IsRefused(int count) => AmongOthersAsync(async () =>
    {
        var fields = string.Concat(Enumerable.Range(0, count).Select(static i => $"x{i}: 1\r\n"));
        using var connection = await FloodConnection.ConnectAsync(_edge.Address);
        await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        await connection.DrainAsync(Patience);

        Assert.That(Encoding.ASCII.GetString([.. connection.Received]), Does.StartWith("HTTP/1.1 431").Or.Empty);
        Assert.That(connection.HasEnded, Is.True);
    });

    /// <summary>Does harm while others are served, and looks at what it has left behind.</summary>
    private async Task AmongOthersAsync(Func<Task> harm)
    {
        using var plain = Front.Http11.CreateClient(_edge);
        using var http2 = Front.Http2.CreateClient(_edge);
        await ServeAsync(plain);
        await ServeAsync(http2);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        using var stop = new CancellationTokenSource();
        var others = Task.WhenAll(((HttpClient[])[plain, http2]).Select(async client =>
        {
            while (!stop.IsCancellationRequested)
            {
                await ServeAsync(client);
                await Task.Delay(20);
            }
        }));
        var doing = harm();
        await Task.WhenAny(doing, others);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        await stop.CancelAsync();
        await others;
        await doing;

        Assert.That(grown, Is.LessThan(MayGrow));
    }

    private static async Task ServeAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative), patience.Token);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    /// <summary>Many at a time.</summary>
    private sealed class Flood(FloodConnection[] connections) : IDisposable
    {
        public bool AllHaveEnded => Array.TrueForAll(connections, static connection => connection.HasEnded);

        public static async Task<Flood> OpenAsync(Uri address, int count, Func<FloodConnection, Task> begin)
        {
            var connections = new FloodConnection[count];
            for (var i = 0; i < count; i++)
            {
                connections[i] = await FloodConnection.ConnectAsync(address);
                await begin(connections[i]);
            }

            return new Flood(connections);
        }

        public Task EachAsync(Func<FloodConnection, Task> act) => Task.WhenAll(connections.Select(act));

        public void Dispose() => Array.ForEach(connections, static connection => connection.Dispose());
    }
}
