using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Tests.Compression;

public sealed class CompressionTests
{
    private const string Compressed = """ "Filters": [ { "Type": "Compression", "Compression": { "ContentTypes": [ "application/json", "text/*" ] } } ] """;

    private static readonly string Body = string.Concat(Enumerable.Repeat("""{"item":"screw"},""", 500));

    [TestCase("br")]
    [TestCase("gzip")]
    public async Task Response_OfAListedType_ComesCompressed(string coding)
    {
        await using var backend = await StartAsync(static http => http.Response.Headers.ETag = "\"1\"");
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, coding);

        Assert.Multiple(() =>
        {
            Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo(new[] { coding }));
            Assert.That(response.Headers.Vary, Does.Contain("Accept-Encoding"));
            Assert.That(response.Headers.ETag?.ToString(), Is.EqualTo("W/\"1\""));
            Assert.That(response.Headers.AcceptRanges, Is.Empty);
        });
        Assert.That(await DecodeAsync(response), Is.EqualTo(Body));
    }

    [Test]
    public async Task Response_ForWhoTakesNoCoding_IsPlainAndSaysThatItVaries()
    {
        await using var backend = await StartAsync(static http => http.Response.Headers.ETag = "\"1\"");
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, "zstd");

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(Body));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(Body.Length));
        Assert.That(response.Headers.Vary, Does.Contain("Accept-Encoding"));
        Assert.That(response.Headers.ETag?.ToString(), Is.EqualTo("\"1\""));
    }

    [TestCase("Content-Type", "image/png")]
    [TestCase("Content-Type", "text/event-stream")]
    [TestCase("Cache-Control", "public, no-transform")]
    [TestCase("Content-Encoding", "deflate")]
    [TestCase("Content-Range", "bytes 0-8499/9000")]
    public async Task Response_ThatMustStayAsItIs_Does(string name, string value)
    {
        await using var backend = await StartAsync(http => http.Response.Headers[name] = value);
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, "br");

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(Body));
        Assert.That(response.Content.Headers.ContentEncoding, Does.Not.Contain("br"));
    }

    [Test]
    public async Task Response_ThatIsShort_StaysAsItIs()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.ContentLength = 2;
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("{}");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, "br");

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("{}"));
    }

    [TestCase("HEAD", 200)]
    [TestCase("GET", 204)]
    [TestCase("GET", 304)]
    public async Task Response_WithoutABody_HasNone(string method, int status)
    {
        await using var backend = await Backend.StartAsync(http =>
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = status == 200 ? "application/json" : null;
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");
        request.Headers.AcceptEncoding.ParseAdd("br");

        using var response = await edge.Client.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task Response_ThatStreams_ArrivesPieceByPiece()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await Backend.StartAsync(async http =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("first");
            await http.Response.Body.FlushAsync();
            await read.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await http.Response.WriteAsync("second");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, "gzip", HttpCompletionOption.ResponseHeadersRead);
        await using var body = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        var first = new byte["first".Length];
        await body.ReadExactlyAsync(first).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        read.SetResult();
        using var rest = new StreamReader(body);

        Assert.That(await rest.ReadToEndAsync(), Is.EqualTo("second"));
    }

    [Test]
    public async Task Response_WhoseServiceDiesInTheMiddle_IsCutOffAndNotEnded()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await Backend.StartAsync(async http =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Body);
            await http.Response.Body.FlushAsync();
            await read.Task.WaitAsync(TimeSpan.FromSeconds(30));
            http.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("b", Compressed), ("b", backend.Address));

        using var response = await GetAsync(edge, "gzip", HttpCompletionOption.ResponseHeadersRead);
        read.SetResult();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(async () => await response.Content.ReadAsByteArrayAsync(), Throws.InstanceOf<HttpRequestException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task DirectResponse_OfARuleThatCompresses_ComesCompressed()
    {
        var routes = $$"""
            { "all": { "Rules": [ { "Filters": [ { "Type": "DirectResponse", "DirectResponse": { "Body": "{{new string('a', 2000)}}" } }, { "Type": "Compression", "Compression": { "MinBytes": 1 } } ] } ] } }
            """;
        await using var edge = await Edge.StartAsync(routes);

        using var response = await GetAsync(edge, "br");

        Assert.That(await DecodeAsync(response), Is.EqualTo(new string('a', 2000)));
    }

    private static Task<Backend> StartAsync(Action<HttpContext> change) => Backend.StartAsync(http =>
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = Body.Length;
        http.Response.Headers.AcceptRanges = "bytes";
        change(http);
        return http.Response.WriteAsync(Body);
    });

    private static Task<HttpResponseMessage> GetAsync(Edge edge, string accepted, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.AcceptEncoding.ParseAdd(accepted);
        return edge.Client.SendAsync(request, completion);
    }

    private static async Task<string> DecodeAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStreamAsync();
        await using Stream plain = response.Content.Headers.ContentEncoding.Single() == "br"
            ? new BrotliStream(body, CompressionMode.Decompress)
            : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }
}
