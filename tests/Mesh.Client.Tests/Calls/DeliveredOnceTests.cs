using System.Net;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Calls;

/// <summary>A request that is not idempotent never reaches a server twice, wherever its connection breaks.</summary>
public sealed class DeliveredOnceTests
{
    private static readonly string[] Bodies = ["some", "empty", "none", "stream", "expect"];

    private static IEnumerable<TestCaseData<Cut, bool, bool>> Cuts =>
        from cut in Enum.GetValues<Cut>()
        from reused in new[] { false, true }
        from reset in new[] { false, true }
        select new TestCaseData<Cut, bool, bool>(cut, reused, reset);

    [TestCaseSource(nameof(Cuts))]
    public async Task Post_ConnectionCut_IsDeliveredOnceAtMost(Cut cut, bool reused, bool reset)
    {
        foreach (var body in Bodies)
        {
            using var first = new CuttingServer(cut, reset, cutsFirstConnection: !reused);
            using var second = new CuttingServer(cut, reset, cutsFirstConnection: !reused);
            await using var host = new ClientHost(Given.Services($$"""{ "orders": { "http": [ "{{first.Address}}", "{{second.Address}}" ] } }""", "{}"));
            var client = host.CreateClient();
            if (reused)
            {
                for (var i = 0; i < 12; i++)
                {
                    using var warm = await client.GetAsync(new Uri("http://orders/"));
                }
            }

            using var request = Post(body);
            var outcome = "answered";
            try
            {
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            }
            catch (HttpRequestException exception)
            {
                outcome = exception.HttpRequestError.ToString();
            }

            // A second delivery may still be on its way.
            await Task.Delay(1);
            Assert.That(first.Heads + second.Heads, Is.LessThanOrEqualTo(1), $"heads; body: {body}, outcome: {outcome}");
            Assert.That(first.Requests + second.Requests, Is.LessThanOrEqualTo(1), $"requests; body: {body}, outcome: {outcome}");
            if (cut >= Cut.AfterBody)
            {
                Assert.That(first.Requests + second.Requests, Is.EqualTo(1), $"it must have come; body: {body}, outcome: {outcome}");
            }
        }
    }

    private static IEnumerable<TestCaseData<string, bool>> Aborts =>
        from abort in new[] { "stream", "reset", "connection", "stream-after-body", "connection-after-body", "connection-after-response-head" }
        from reused in new[] { false, true }
        select new TestCaseData<string, bool>(abort, reused);

    [TestCaseSource(nameof(Aborts))]
    public async Task PostOverHttp2_Aborted_IsDeliveredOnceAtMost(string abort, bool reused)
    {
        var deliveries = 0;
        await using var first = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), HandleAsync);
        await using var second = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), HandleAsync);
        foreach (var body in Bodies)
        {
            await using var host = new ClientHost(Given.Services($$"""{ "orders": { "https": [ "{{first.Url}}", "{{second.Url}}" ] } }""", "{}"));
            var client = host.CreateClient();
            if (reused)
            {
                using var warm = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "https://orders/") { Version = HttpVersion.Version20 });
                Assert.That(warm.Version, Is.EqualTo(HttpVersion.Version20));
            }

            Volatile.Write(ref deliveries, 0);
            using var request = Post(body);
            request.Version = HttpVersion.Version20;
            request.RequestUri = new Uri("https://orders/");
            var outcome = "answered";
            try
            {
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            }
            catch (HttpRequestException exception)
            {
                outcome = $"{exception.HttpRequestError} {exception.InnerException?.Message}";
            }

            Assert.That(Volatile.Read(ref deliveries), Is.EqualTo(1), $"body: {body}, outcome: {outcome}");
        }

        async Task HandleAsync(HttpContext context)
        {
            if (context.Request.Method == "GET")
            {
                return;
            }

            Interlocked.Increment(ref deliveries);
            if (abort.Contains("body", StringComparison.Ordinal))
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }

            if (abort == "connection-after-response-head")
            {
                await context.Response.StartAsync();
            }

            if (abort.StartsWith("stream", StringComparison.Ordinal))
            {
                context.Abort();
            }
            else if (abort == "reset")
            {
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode: 2);
            }
            else
            {
                context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
            }
        }
    }

    private static HttpRequestMessage Post(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://orders/")
        {
            Content = body switch
            {
                "some" or "expect" => new StringContent(new string('x', 1000)),
                "empty" => new ByteArrayContent([]),
                "stream" => new StreamContent(new MemoryStream(new byte[1000])),
                _ => null,
            },
        };
        request.Headers.ExpectContinue = body == "expect" ? true : null;
        return request;
    }
}
