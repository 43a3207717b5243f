using System.Net;
using System.Text;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Calls;

/// <summary>Every condition of <c>Retry:On</c> as it comes over a real connection: the first request goes wrong, the second does not.</summary>
public sealed class RetryOverSocketsTests
{
    private const int RefusedStream = 0x7;
    private static readonly Uri Uri = new("https://orders/items");

    private static IEnumerable<TestCaseData> Repeated() => Cases("GET", 2, static (_, matches) => matches);

    private static IEnumerable<TestCaseData> NeverRepeated() => Cases("POST", 1, static (way, matches) => matches && way is not WayToFail.RefuseStream);

    private static IEnumerable<TestCaseData> NotAskedFor() => Cases("GET", 1, static (way, matches) => !matches && way is not WayToFail.RefuseStream);

    [TestCaseSource(nameof(Repeated))]
    [TestCaseSource(nameof(NeverRepeated))]
    [TestCaseSource(nameof(NotAskedFor))]
    public async Task SendAsync_FirstAttemptGoesWrong_IsRepeatedAsTheConditionsSay(string condition, WayToFail way, string method, int expected)
    {
        var arrived = 0;
        await using var service = await MeshService.StartAsync(
            TestAuthority.Shop.Identity("orders"),
            context => Interlocked.Increment(ref arrived) == 1 ? FailAsync(context, way) : context.Response.WriteAsync("ok"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{service.Url}}" ] } }""",
            $$"""{ "orders": { "AttemptTimeout": "{{(way is WayToFail.Hang ? "500ms" : "20s")}}", "Retry": { "On": [ "{{condition}}" ], "Backoff": "1ms" } } }"""));
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri)
        {
            Version = way is WayToFail.RefuseStream or WayToFail.GrpcUnavailable ? HttpVersion.Version20 : HttpVersion.Version11,
            Content = method == "POST" ? new StringContent("x") : null,
        };

        HttpResponseMessage? response = null;
        try
        {
            response = await host.CreateClient().SendAsync(request);
        }
        catch (Exception exception) when (expected == 1 && exception is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            // What went wrong reaches the caller as it is.
        }

        Assert.That(service.Arrivals, Has.Count.EqualTo(expected));
        Assert.That(response is not null && await response.Content.ReadAsStringAsync() == "ok", Is.EqualTo(expected == 2));
        response?.Dispose();
    }

    // Each condition beside every way to fail of which it does, or does not, speak.
    private static IEnumerable<TestCaseData> Cases(string method, int expected, Func<WayToFail, bool, bool> wanted)
    {
        (string Condition, WayToFail[] Of)[] conditions =
        [
            ("503", [WayToFail.Unavailable, WayToFail.Field, WayToFail.Problem]),
            ("500-599", [WayToFail.Unavailable, WayToFail.Field, WayToFail.Problem]),
            ("gateway-error", [WayToFail.Unavailable, WayToFail.Field, WayToFail.Problem]),
            ("retriable-4xx", [WayToFail.Conflict]),
            ("reset", [WayToFail.Reset, WayToFail.RefuseStream]),
            ("timeout", [WayToFail.Hang]),
            ("unavailable", [WayToFail.GrpcUnavailable]),
            ("header:x-busy", [WayToFail.Field]),
            ("header:x-busy=yes", [WayToFail.Field]),
            ("problem:https://shop.example/busy", [WayToFail.Problem]),
            ("refused-stream", [WayToFail.RefuseStream]),
        ];
        foreach (var (condition, of) in conditions)
        {
            foreach (var way in Enum.GetValues<WayToFail>())
            {
                if (wanted(way, of.Contains(way) || way is WayToFail.RefuseStream))
                {
                    yield return new TestCaseData(condition, way, method, expected);
                }
            }
        }
    }

    private static async Task FailAsync(HttpContext context, WayToFail way)
    {
        var response = context.Response;
        switch (way)
        {
            case WayToFail.Unavailable:
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case WayToFail.Conflict:
                response.StatusCode = StatusCodes.Status409Conflict;
                break;
            case WayToFail.Reset:
                context.Abort();
                break;
            case WayToFail.RefuseStream:
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(RefusedStream);
                break;
            case WayToFail.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
                break;
            case WayToFail.GrpcUnavailable:
                response.ContentType = "application/grpc";
                response.Headers["grpc-status"] = "14";
                break;
            case WayToFail.Field:
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                response.Headers["x-busy"] = "yes";
                break;
            case WayToFail.Problem:
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                response.ContentType = "application/problem+json";
                await response.Body.WriteAsync(Encoding.UTF8.GetBytes("""{"type":"https://shop.example/busy"}"""));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(way), way, null);
        }
    }

    public enum WayToFail
    {
        Unavailable,
        Conflict,
        Reset,
        RefuseStream,
        Hang,
        GrpcUnavailable,
        Field,
        Problem,
    }
}
