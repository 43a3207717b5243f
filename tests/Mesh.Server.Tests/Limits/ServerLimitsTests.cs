using System.Net;
using Mesh.Configuration;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Mesh.Server.Tests.Limits;

internal sealed class ServerLimitsTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task RequestBody_Larger_Is413WithItsProblem(bool chunked)
    {
        await using var app = await StartAsync(("Limits:RequestBody", "1000"));

        using var response = await PostAsync(app, "/", 1001, chunked);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "body-too-large");
    }

    [TestCase("/", 1000)]
    [TestCase("/large", 2000)]
    public async Task RequestBody_WithinTheServicesOrTheEndpointsLimit_IsServed(string path, int size)
    {
        await using var app = await StartAsync(("Limits:RequestBody", "1000"));

        using var response = await PostAsync(app, path, size, chunked: false);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo($"{size}"));
    }

    [Test]
    public async Task RequestBody_Reloaded_HoldsAtOnce()
    {
        await using var app = await StartAsync(("Limits:RequestBody", "1000"));
        app.Reconfigure(("Limits:RequestBody", "10"));

        using var response = await PostAsync(app, "/", 11, chunked: false);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [TestCase("Limits:HeaderCount", "20", 30, 10)]
    [TestCase("Limits:HeaderBytes", "4096", 2, 3000)]
    public async Task Headers_TooManyOrTooLarge_Are431(string key, string limit, int count, int size)
    {
        await using var app = await StartAsync((key, limit));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        for (var i = 0; i < count; i++)
        {
            request.Headers.Add($"x-{i}", new string('x', size));
        }

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestHeaderFieldsTooLarge));
    }

    [Test]
    public async Task HeadersTimeout_FieldsThatDoNotCome_Are408()
    {
        await using var app = await StartAsync(("Limits:HeadersTimeout", "1s"), ("PeerAuthentication", "Permissive"));
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(app.Http.Host, app.Http.Port);
        await connection.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: orders\r\n"u8.ToArray());
        using var reader = new StreamReader(connection.GetStream());

        Assert.That(await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20)), Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task Validation_ImpossibleLimits_NamesEachField()
    {
        var (app, _) = ServedApp.Build(Map, [("Limits:HeaderBytes", "10"), ("Limits:Connections", "0"), ("Limits:RequestBody", "-1")]);

        var refused = (await Assert.ThrowsAsync<MeshConfigurationException>(() => app.StartAsync()))!;
        Assert.That(refused.Errors, Has.Count.EqualTo(3));
        Assert.That(refused.Message, Does.Contain("Mesh:Server:Limits:HeaderBytes: found '10', allowed is")
            .And.Contain("Mesh:Server:Limits:Connections: found '0'")
            .And.Contain("Mesh:Server:Limits:RequestBody: found '-1'"));
    }

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(Map, settings);

    private static void Map(WebApplication app)
    {
        app.MapPost("/", CountAsync);
        app.MapPost("/large", CountAsync).WithMetadata(new RequestSizeLimitAttribute(5000));
        app.MapGet("/", static () => "here");

        static async Task<string> CountAsync(HttpRequest request)
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return $"{body.Length}";
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(ServedApp app, string path, int size, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        return await app.Peer().SendAsync(request);
    }
}
