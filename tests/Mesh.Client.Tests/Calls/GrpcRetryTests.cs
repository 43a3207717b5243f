using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Calls;

/// <summary>gRPC on the wire: where its status comes from, and what is done about it. Real HTTP/2.</summary>
public sealed class GrpcRetryTests
{
    private const string Settings = """{ "orders": { "Retry": { "Idempotent": [ "/shop.Orders/*" ], "Backoff": "1ms", "MaxBackoff": "1ms" } } }""";

    private int _calls;

    [TestCase("headers")]
    [TestCase("trailers")]
    public async Task SendAsync_Unavailable_IsRepeatedElsewhere(string where)
    {
        await using var service = await StartAsync(http => Interlocked.Increment(ref _calls) == 1 ? FailAsync(http, where, "14") : MessageAsync(http));
        await using var host = Host(service);

        using var response = await CallAsync(host);

        Assert.That(_calls, Is.EqualTo(2));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Has.Length.EqualTo(7));
        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "0" }));
        var arrivals = service.Arrivals.ToArray();
        Assert.That(arrivals[0].Headers, Does.Not.ContainKey("grpc-previous-rpc-attempts"));
        Assert.That(arrivals[1].Headers["grpc-previous-rpc-attempts"], Is.EqualTo("1"));
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures), Is.EqualTo(1));
    }

    [TestCase("headers", "3")]
    [TestCase("trailers", "3")]
    [TestCase("trailers", "16")]
    public async Task SendAsync_StatusThatBlamesTheCaller_IsHandedOn(string where, string status)
    {
        await using var service = await StartAsync(http => FailAsync(http, where, status));
        await using var host = Host(service);

        using var response = await CallAsync(host);

        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
        Assert.That(service.Arrivals, Has.Count.EqualTo(1));
        Assert.That((where == "headers" ? response.Headers : response.TrailingHeaders).GetValues("grpc-status"), Is.EqualTo(new[] { status }));
    }

    [Test]
    public async Task SendAsync_FailsAfterAMessage_IsNotRepeated()
    {
        await using var service = await StartAsync(static http => MessageAsync(http, "14"));
        await using var host = Host(service);

        using var response = await CallAsync(host);

        Assert.That(await response.Content.ReadAsByteArrayAsync(), Has.Length.EqualTo(7));
        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "14" }));
        Assert.That(service.Arrivals, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_NotIdempotent_IsNotRepeated()
    {
        await using var service = await StartAsync(static http => FailAsync(http, "headers", "14"));
        await using var host = Host(service, "{}");

        using var response = await CallAsync(host);

        Assert.That(service.Arrivals, Has.Count.EqualTo(1));
    }

    [TestCase("0", 2)]
    [TestCase("50", 2)]
    [TestCase("-1", 1)]
    [TestCase("soon", 1)]
    [TestCase("99999999999", 1)]
    [TestCase("60000", 1)]
    public async Task SendAsync_Pushback_IsObeyed(string pushback, int attempts)
    {
        foreach (var where in new[] { "headers", "trailers" })
        {
            _calls = 0;
            await using var service = await StartAsync(http => Interlocked.Increment(ref _calls) == 1 ? FailAsync(http, where, "14", pushback) : MessageAsync(http));
            await using var host = Host(service);
            var started = Stopwatch.GetTimestamp();

            using var response = await CallAsync(host);

            Assert.That(_calls, Is.EqualTo(attempts), where);
            Assert.That(Stopwatch.GetElapsedTime(started).TotalMilliseconds, Is.GreaterThanOrEqualTo(pushback == "50" ? 49 : 0));
        }
    }

    [Test]
    public async Task SendAsync_FirstMessageComesLate_HeadersDoNotWaitForIt()
    {
        var release = new TaskCompletionSource();
        await using var service = await StartAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.FlushAsync();
            await release.Task;
            await MessageAsync(http);
        });
        await using var host = Host(service);

        using var response = await CallAsync(host);
        var body = await response.Content.ReadAsStreamAsync();
        var first = body.ReadAsync(new byte[100]).AsTask();
        Assert.That(first.IsCompleted, Is.False);
        release.SetResult();

        Assert.That(await first, Is.EqualTo(7));
        Assert.That(await body.ReadAsync(new byte[100]), Is.Zero);
        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "0" }));
    }

    private static Task<MeshService> StartAsync(Func<HttpContext, Task> handle) => MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), handle);

    private static ClientHost Host(MeshService service, string settings = Settings) =>
        new(Given.Services($$"""{ "orders": { "https": [ "{{service.Url}}" ] } }""", settings));

    private static async Task<HttpResponseMessage> CallAsync(ClientHost host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://orders/shop.Orders/Get")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        return await host.CreateClient().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task FailAsync(HttpContext http, string where, string status, string? pushback = null)
    {
        http.Response.ContentType = "application/grpc";
        if (where == "headers")
        {
            Write(http.Response.Headers.Append);
            return;
        }

        await http.Response.StartAsync();
        Write(http.Response.AppendTrailer);

        void Write(Action<string, Microsoft.Extensions.Primitives.StringValues> append)
        {
            append("grpc-status", status);
            if (pushback is not null)
            {
                append("grpc-retry-pushback-ms", pushback);
            }
        }
    }

    private static async Task MessageAsync(HttpContext http, string status = "0")
    {
        http.Response.ContentType ??= "application/grpc";
        await http.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, 1 });
        http.Response.AppendTrailer("grpc-status", status);
    }
}
