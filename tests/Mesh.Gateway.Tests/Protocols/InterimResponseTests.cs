using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>Responses that come before the response, and what comes after it.</summary>
public sealed class InterimResponseTests
{
    [Test]
    public async Task Service_EarlyHints_AreLeftOutAndTheResponseFollows([Values] Front front)
    {
        await using var backend = new ScriptedBackend("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nx-early: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-late: 1\r\nContent-Length: 2\r\n\r\nok");
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        using var client = front.CreateClient(edge);
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
        Assert.That(response.Headers.Contains("x-late"), Is.True);
        Assert.That(response.Headers.Contains("x-early"), Is.False);
        Assert.That(response.Headers.Contains("Link"), Is.False);
    }

    [Test]
    public async Task Service_TrailersOfHttp11_ReachCallersOfHttp2WithoutWhatIsOurs()
    {
        await using var backend = new ScriptedBackend("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 2\r\nmesh-outcome: lie\r\nServer: x\r\n\r\n");
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        using var client = Front.Http2.CreateClient(edge);
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("ok"));
        Assert.That(response.TrailingHeaders.Select(static trailer => (trailer.Key, string.Join(',', trailer.Value))), Is.EqualTo(new[] { ("x-sum", "2") }));
    }

    [Test]
    public async Task Caller_ExpectsContinue_SendsTheBodyOnceTheServiceReads([Values] Front front)
    {
        await using var backend = await Backend.StartAsync(static http => http.Request.Body.CopyToAsync(http.Response.Body));
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        using var response = await SendAsync(HttpMethod.Put, front, edge, new WatchedContent());

        Assert.That((await response.Content.ReadAsByteArrayAsync()).Length, Is.EqualTo(WatchedContent.Size));
        Assert.That(backend.Headers["Expect"], Is.EqualTo("100-continue"));
    }

    [Test]
    public async Task Caller_ExpectsContinueAndIsRefusedByTheService_NeverSendsTheBody([Values] Front front)
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        using var content = new WatchedContent();
        using var response = await SendAsync(HttpMethod.Put, front, edge, content);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(content.WasSent, Is.False);
    }

    [Test]
    public async Task Caller_ExpectsContinueForAPost_IsToldByTheGatewayItself([Values] Front front)
    {
        await using var backend = await Backend.StartAsync(static http => http.Request.Body.CopyToAsync(http.Response.Body));
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));
        using var response = await SendAsync(HttpMethod.Post, front, edge, new WatchedContent());

        Assert.That((await response.Content.ReadAsByteArrayAsync()).Length, Is.EqualTo(WatchedContent.Size));
        Assert.That(backend.Headers.Keys, Has.None.EqualTo("Expect"));
    }

    [Test]
    public async Task Caller_ExpectsContinueAndIsRefusedAtTheGateway_NeverSendsTheBody([Values] Front front)
    {
        await using var edge = await Edge.StartAsync("{}");
        using var content = new WatchedContent();
        using var response = await SendAsync(HttpMethod.Post, front, edge, content);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(content.WasSent, Is.False);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMethod method, Front front, Edge edge, HttpContent content)
    {
        using var client = front.CreateClient(edge);
        using var request = new HttpRequestMessage(method, "/")
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
            Headers = { ExpectContinue = true },
        };
        var response = await client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    private sealed class WatchedContent : HttpContent
    {
        // HttpClient sends up to 1 KiB whatever the answer is, lest the connection be closed for it.
        public const int Size = 4096;

        public bool WasSent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            WasSent = true;
            await stream.WriteAsync(new byte[Size]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Size;
            return true;
        }
    }
}
