using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>Every protocol in front with every protocol behind.</summary>
public sealed class ProtocolTests
{
    private const string Plain = "HTTP/1.1";
    private const string PlainHttp2 = "h2c";
    private const string Mesh = "HTTP/2";

    [Test]
    public async Task Request_ThroughAnyTwoProtocols_ArrivesAsItWasSent([Values] Front front, [Values(Plain, PlainHttp2, Mesh)] string behind)
    {
        await using var backend = await StartBackendAsync(behind, static async http =>
        {
            http.Response.Headers["x-seen"] = http.Request.Headers["x-sent"];
            await http.Request.Body.CopyToAsync(http.Response.Body);
            if (http.Response.SupportsTrailers())
            {
                http.Response.AppendTrailer("x-sum", "5");
            }
        });
        await using var edge = await StartEdgeAsync(behind, backend);
        using var client = front.CreateClient(edge);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/a%20b/%C3%A4?x=%2f", UriKind.Relative))
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("hello"),
            Headers = { { "x-sent", ["one", "two"] }, { "TE", "trailers" } },
        };

        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(body, Is.EqualTo("hello"));
            Assert.That(response.Version, Is.EqualTo(client.DefaultRequestVersion));
            Assert.That(response.Headers.GetValues("x-seen"), Is.EqualTo(new[] { "one, two" }).Or.EqualTo(new[] { "one", "two" }));

            // Kestrel writes none in HTTP/1.1.
            Assert.That(response.TrailingHeaders.Any(), Is.EqualTo(front.IsHttp2() && behind != Plain));
            Assert.That(backend.Protocol, Is.EqualTo(behind == Plain ? Plain : Mesh));
            Assert.That(backend.Target, Is.EqualTo("/a%20b/%C3%A4?x=%2f"));
            Assert.That(backend.Headers["Via"], Is.EqualTo($"{(front.IsHttp2() ? "2" : "1.1")} edge"));
        });
    }

    [Test]
    public async Task Request_TrailersOfARequest_EndAtTheGateway()
    {
        IHeaderDictionary? trailers = null;
        await using var backend = await Backend.StartAsync(async http =>
        {
            await http.Request.Body.CopyToAsync(http.Response.Body);
            trailers = http.Request.Headers;
            Assert.That(http.Request.CheckTrailersAvailable(), Is.True);
            Assert.That(http.Request.GetTrailer("x-admin"), Is.Empty);
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address));

        var answer = await edge.SendRawAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-admin\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\nx-admin: 1\r\n\r\n");

        Assert.That(answer, Does.StartWith("HTTP/1.1 200"));
        Assert.That(trailers!.Keys, Has.None.EqualTo("x-admin").IgnoreCase);
        Assert.That(trailers.Keys, Has.None.EqualTo("Trailer").IgnoreCase);
    }

    [Test]
    public async Task Events_ArriveOneByOne([Values] Front front, [Values(Plain, PlainHttp2, Mesh)] string behind)
    {
        using var read = new SemaphoreSlim(0);
        await using var backend = await StartBackendAsync(behind, async http =>
        {
            http.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await http.Response.WriteAsync($"data: {i}\n\n");
                Assert.That(await read.WaitAsync(Patience), Is.True);
            }
        });
        await using var edge = await StartEdgeAsync(behind, backend);
        using var client = front.CreateClient(edge);
        await using var stream = await client.GetStreamAsync("/").WaitAsync(Patience);
        using var reader = new StreamReader(stream);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(await reader.ReadLineAsync().WaitAsync(Patience), Is.EqualTo($"data: {i}"));
            Assert.That(await reader.ReadLineAsync().WaitAsync(Patience), Is.Empty);
            read.Release();
        }

        Assert.That(await reader.ReadLineAsync().WaitAsync(Patience), Is.Null);
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(20);

    private static Task<Backend> StartBackendAsync(string protocol, RequestDelegate serve) => protocol switch
    {
        Plain => Backend.StartAsync(serve),
        PlainHttp2 => Backend.StartPlainHttp2Async(serve),
        _ => Backend.StartInMeshAsync("b", serve),
    };

    private static Task<Edge> StartEdgeAsync(string protocol, Backend backend) => protocol switch
    {
        Plain => Edge.StartAsync(Edge.Everything("b"), ("b", backend.Address)),
        PlainHttp2 => Edge.StartWithClientAsync(Edge.Everything("b"), """ "Services": { "b": { "PlaintextHttp2": true } } """, ("b", backend.Address)),
        _ => Edge.StartInMeshAsync(Edge.Everything("b"), ("b", backend.Address)),
    };
}
