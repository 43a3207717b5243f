using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class StreamingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Response_PieceByPiece_ArrivesAsItIsWritten()
    {
        var read = new SemaphoreSlim(0);
        await using var backend = await Backend.StartAsync(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            foreach (var word in (string[])["one", "two", "three"])
            {
                await http.Response.WriteAsync($"data: {word}\n\n");
                await read.WaitAsync(Patience);
            }
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var patience = new CancellationTokenSource(Patience);
        await using var stream = await edge.Client.GetStreamAsync(new Uri("/", UriKind.Relative), patience.Token);
        using var reader = new StreamReader(stream);
        foreach (var word in (string[])["one", "two", "three"])
        {
            Assert.That(await reader.ReadLineAsync(patience.Token), Is.EqualTo($"data: {word}"));
            Assert.That(await reader.ReadLineAsync(patience.Token), Is.Empty);
            read.Release();
        }

        Assert.That(await reader.ReadLineAsync(patience.Token), Is.Null);
    }

    [Test]
    public async Task Grpc_BothWaysAtOnce_FlowsPieceByPieceOverMutualTls()
    {
        await using var backend = await Backend.StartInMeshAsync("orders", static async http =>
        {
            http.Response.ContentType = "application/grpc";
            http.Response.DeclareTrailer("grpc-status");
            await http.Response.Body.FlushAsync();
            var buffer = new byte[64];
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer)) > 0)
            {
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                await http.Response.Body.FlushAsync();
            }

            http.Response.AppendTrailer("grpc-status", "0");
        });
        await using var edge = await Edge.StartInMeshAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var patience = new CancellationTokenSource(Patience);
        using var content = new HandWrittenContent("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, edge.Http2Address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
            Headers = { { "TE", "trailers" } },
        };
        var sending = edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        await content.WriteAsync("one");

        // The forwarder sends the headers with the first bytes of the body, lest it spoil a "Trailers-Only" answer.
        using var response = await sending;
        await using var answers = await response.Content.ReadAsStreamAsync(patience.Token);
        var buffer = new byte[64];
        Assert.That(Encoding.ASCII.GetString(buffer, 0, await answers.ReadAsync(buffer, patience.Token)), Is.EqualTo("one"));
        foreach (var word in (string[])["two", "three"])
        {
            await content.WriteAsync(word);
            var read = await answers.ReadAsync(buffer, patience.Token);
            Assert.That(Encoding.ASCII.GetString(buffer, 0, read), Is.EqualTo(word));
        }

        content.End();
        Assert.That(await answers.ReadAsync(buffer, patience.Token), Is.Zero);
        Assert.Multiple(() =>
        {
            Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(["0"]));
            Assert.That(backend.Headers["TE"], Is.EqualTo("trailers"));
            Assert.That((backend.Protocol, backend.Peer?.ServiceAccount), Is.EqualTo(("HTTP/2", "edge")));
        });
    }

    [Test]
    public async Task Upload_TenMegabytes_ArrivesWhole()
    {
        await using var backend = await Backend.StartAsync(static async http =>
            await http.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(http.Request.Body))));
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        var body = RandomNumberGenerator.GetBytes(10_000_000);
        using var response = await edge.Client.PostAsync("/", new ByteArrayContent(body));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(Convert.ToHexString(SHA256.HashData(body))));
        Assert.That(backend.Headers["Content-Length"], Is.EqualTo("10000000"));
    }

    [Test]
    public async Task Upload_SlowerThanTheTimeoutsOfTheService_IsNotCutShort()
    {
        await using var backend = await Backend.StartAsync(static async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            await http.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        await using var edge = await Edge.StartWithClientAsync(Edge.Everything("orders"), "\"Defaults\": { \"Timeout\": \"300ms\", \"AttemptTimeout\": \"200ms\" }", ("orders", backend.Address));
        using var response = await edge.Client.PostAsync("/", new SlowContent());
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("slow"));
    }

    [Test]
    public async Task Upload_OverTheLimit_Is413()
    {
        await using var backend = await Backend.StartAsync(static async http => await http.Request.Body.CopyToAsync(Stream.Null));
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[51_000_000]), Headers = { ExpectContinue = true } };
        using var response = await edge.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task Caller_GoesAway_CancelsTheCallBehindTheGateway()
    {
        var arrived = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async http =>
        {
            http.RequestAborted.Register(cancelled.SetResult);
            arrived.SetResult();
            await cancelled.Task;
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var caller = new CancellationTokenSource();
        var call = edge.Client.GetAsync(new Uri("/", UriKind.Relative), caller.Token);
        await arrived.Task.WaitAsync(Patience);
        await caller.CancelAsync();
        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
        await cancelled.Task.WaitAsync(Patience);
    }

    [Test]
    public async Task Backend_BreaksOffInMidResponse_BreaksOffTowardsTheCaller()
    {
        await using var backend = await Backend.StartAsync(static async http =>
        {
            http.Response.ContentLength = 100;
            await http.Response.WriteAsync("half");
            await http.Response.Body.FlushAsync();
            http.Abort();
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        Assert.That(async () => await edge.Client.GetStringAsync(new Uri("/", UriKind.Relative)), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task WebSocket_ThroughTheGateway_Echoes()
    {
        await using var backend = await Backend.StartAsync(static async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var message = await socket.ReceiveAsync(buffer, CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var patience = new CancellationTokenSource(Patience);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{edge.Address.Port}/socket"), patience.Token);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, patience.Token);
        var buffer = new byte[64];
        var answer = await client.ReceiveAsync(buffer, patience.Token);
        Assert.That(Encoding.ASCII.GetString(buffer, 0, answer.Count), Is.EqualTo("hello"));
    }

    /// <summary>A body that takes half a second to send.</summary>
    private sealed class SlowContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var letter in "slow")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(125));
                await stream.WriteAsync(Encoding.ASCII.GetBytes([letter]));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A body that a test writes word by word.</summary>
    private sealed class HandWrittenContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new();
        private readonly TaskCompletionSource _end = new();

        public HandWrittenContent(string type) => Headers.ContentType = new(type);

        public async Task WriteAsync(string word)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(word));
            await stream.FlushAsync();
        }

        public void End() => _end.SetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _stream.SetResult(stream);
            return stream.FlushAsync().ContinueWith(_ => _end.Task, TaskScheduler.Default).Unwrap();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
