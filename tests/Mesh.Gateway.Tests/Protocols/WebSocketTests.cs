using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Protocols;

public sealed class WebSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Socket_Echoes_AndClosesWithTheWordsOfBothSides([Values] Front front, [Values] bool inMesh)
    {
        var said = new TaskCompletionSource<(WebSocketCloseStatus?, string?)>();
        await using var backend = await StartAsync(inMesh, async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync("chat");
            var buffer = new byte[64];
            WebSocketReceiveResult message;
            while ((message = await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
                await socket.SendAsync(new ArraySegment<byte>(buffer, 0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
            }

            said.SetResult((message.CloseStatus, message.CloseStatusDescription));
            await socket.CloseAsync((WebSocketCloseStatus)4001, "good bye", CancellationToken.None);
        });
        await using var edge = await StartAsync(inMesh, backend);
        using var patience = new CancellationTokenSource(Patience);
        using var client = await ConnectAsync(front, edge, patience.Token);
        var buffer = new byte[64];
        foreach (var word in (string[])["hello", "again"])
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(word), WebSocketMessageType.Text, true, patience.Token);
            var answer = await client.ReceiveAsync(buffer, patience.Token);
            Assert.That(Encoding.ASCII.GetString(buffer, 0, answer.Count), Is.EqualTo(word));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "enough", patience.Token);

        Assert.That(client.SubProtocol, Is.EqualTo("chat"));
        Assert.That((client.CloseStatus, client.CloseStatusDescription), Is.EqualTo(((WebSocketCloseStatus?)4001, "good bye")));
        Assert.That(await said.Task.WaitAsync(Patience), Is.EqualTo(((WebSocketCloseStatus?)WebSocketCloseStatus.NormalClosure, "enough")));
    }

    [Test]
    public async Task Socket_ServiceDies_TheClientSeesNoCleanClose([Values] Front front, [Values] bool inMesh)
    {
        await using var backend = await StartAsync(inMesh, static async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync("chat");
            await socket.SendAsync("last"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.ReceiveAsync(new byte[64], CancellationToken.None);
            http.Abort();
        });
        await using var edge = await StartAsync(inMesh, backend);
        using var patience = new CancellationTokenSource(Patience);
        using var client = await ConnectAsync(front, edge, patience.Token);
        Assert.That((await client.ReceiveAsync(new byte[64], patience.Token)).Count, Is.EqualTo(4));
        await client.SendAsync("die"u8.ToArray(), WebSocketMessageType.Text, true, patience.Token);

        Assert.That(async () => await client.ReceiveAsync(new byte[64], patience.Token), Throws.InstanceOf<WebSocketException>());
        Assert.That(patience.IsCancellationRequested, Is.False);
    }

    [Test]
    public async Task Socket_ClientDies_TheServiceIsTold([Values] Front front, [Values] bool inMesh)
    {
        var told = new TaskCompletionSource<Exception?>();
        await using var backend = await StartAsync(inMesh, async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync("chat");
            try
            {
                await socket.ReceiveAsync(new byte[64], CancellationToken.None);
                told.SetResult(null);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
            {
                told.SetResult(exception);
            }
        });
        await using var edge = await StartAsync(inMesh, backend);
        using var patience = new CancellationTokenSource(Patience);
        using var client = await ConnectAsync(front, edge, patience.Token);
        client.Abort();

        Assert.That(await told.Task.WaitAsync(Patience), Is.Not.Null);
    }

    [Test]
    public async Task Handshake_ServiceRefuses_TheClientIsToldTheStatus([Values(Front.Http11, Front.Http2)] Front front, [Values] bool inMesh)
    {
        await using var backend = await StartAsync(inMesh, static http =>
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        await using var edge = await StartAsync(inMesh, backend);
        using var client = new ClientWebSocket();
        Prepare(client, front);
        using var invoker = new HttpMessageInvoker(FrontExtensions.CreateHandler());

        Assert.That(async () => await client.ConnectAsync(AddressOf(front, edge), invoker, CancellationToken.None), Throws.InstanceOf<WebSocketException>());
        Assert.That(client.HttpStatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    private static Task<Backend> StartAsync(bool inMesh, RequestDelegate serve) => inMesh ? Backend.StartInMeshAsync("b", serve) : Backend.StartAsync(serve);

    private static Task<Edge> StartAsync(bool inMesh, Backend backend) => inMesh
        ? Edge.StartInMeshAsync(Edge.Everything("b"), ("b", backend.Address))
        : Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));

    private static async Task<ClientWebSocket> ConnectAsync(Front front, Edge edge, CancellationToken cancellation)
    {
        var client = new ClientWebSocket();
        Prepare(client, front);
        client.Options.AddSubProtocol("chat");
        await client.ConnectAsync(AddressOf(front, edge), new HttpMessageInvoker(FrontExtensions.CreateHandler()), cancellation);
        return client;
    }

    private static void Prepare(ClientWebSocket client, Front front)
    {
        client.Options.CollectHttpResponseDetails = true;
        client.Options.HttpVersion = front.IsHttp2() ? HttpVersion.Version20 : HttpVersion.Version11;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
    }

    private static Uri AddressOf(Front front, Edge edge)
    {
        var address = front.AddressOf(edge);
        return new UriBuilder(address) { Scheme = address.Scheme == "https" ? "wss" : "ws", Path = "/socket" }.Uri;
    }
}
