using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Calls;

/// <summary>Bodies that can be read only once: kept while they are sent, and sent again.</summary>
public sealed class StreamedBodyTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly ConcurrentQueue<string> _bodies = new();
    private int _calls;

    [Test]
    public async Task PutAsync_StreamFails_IsSentAgain([Values(0, 10, 65_536)] int length)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var content = new StreamContent(new MemoryStream([.. Enumerable.Repeat((byte)'x', length)]));
        using var request = new HttpRequestMessage(HttpMethod.Put, Uri) { Content = content };

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests.Select(static seen => seen.Body!.Length), Is.EqualTo(new[] { length, length, length }));
        Assert.That(request.Content, Is.SameAs(content), "the caller's request is as it was");
    }

    [Test]
    public async Task PutAsync_LengthIsUnknownAndBeyondTheBound_IsSentOnce()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "MaxBodyBytes": 1000 } }"""), stub);

        using var response = await host.CreateClient().PutAsJsonAsync(Uri, Enumerable.Range(0, 1000));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("""{ "Retry": { "MaxBodyBytes": 0 } }""")]
    [TestCase("""{ "Retry": { "Attempts": 0 } }""")]
    public async Task PutAsync_SwitchedOff_IsSentOnce(string settings)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(settings), stub);

        using var response = await host.CreateClient().PutAsJsonAsync(Uri, "x");

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task PostAsync_Stream_IsNeitherKeptNorSentAgain()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().PostAsJsonAsync(Uri, "x");

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        Assert.That(stub.Requests[0].Message.Content, Is.TypeOf<JsonContent>());
    }

    [Test]
    public async Task PutAsync_StreamWasSentWhole_IsHedged()
    {
        var time = new FakeTimeProvider();
        using var stub = new StubHandler(static async (seen, token) =>
        {
            await Task.Delay(seen.Number == 1 ? Timeout.Infinite : 0, token);
            return new HttpResponseMessage();
        });
        await using var host = new ClientHost(Given.Orders("""{ "Hedging": { "Delay": "100ms" }, "Retry": { "Attempts": 0 } }"""), stub, time);

        var call = host.CreateClient().PutAsJsonAsync(Uri, "x");
        await Eventually.UntilAsync(() => call.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(10)));

        using var response = await call;
        Assert.That(stub.Requests.Select(static seen => seen.Body), Is.EqualTo(new[] { "\"x\"", "\"x\"" }));
    }

    [TestCase("1.1", false)]
    [TestCase("2.0", false)]
    [TestCase("1.1", true)]
    public async Task PutAsync_OverMutualTls_ReachesTheOtherReplicaWhole(string version, bool expectsContinue)
    {
        // With Expect the first replica refuses before it has had a byte: the body is untouched, and may be of any length.
        var length = expectsContinue ? 1_000_000 : 50_000;
        var identity = TestAuthority.Shop.Identity("orders");
        await using var one = await MeshService.StartAsync(identity, http => HandleAsync(http, reads: !expectsContinue));
        await using var two = await MeshService.StartAsync(identity, http => HandleAsync(http, reads: !expectsContinue));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{one.Url}}", "{{two.Url}}" ] } }""", """{ "orders": { "AttemptTimeout": "60s", "Timeout": "60s", "Retry": { "MaxBodyBytes": 2000000 } } }"""));
        using var request = new HttpRequestMessage(HttpMethod.Put, Uri)
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(new OneWayStream(length)),
        };
        request.Headers.ExpectContinue = expectsContinue ? true : null;

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_bodies, Is.EqualTo(Enumerable.Repeat(new string('x', length), expectsContinue ? 1 : 2)));
        Assert.That((one.Arrivals.Count, two.Arrivals.Count), Is.EqualTo((1, 1)));
    }

    private async Task HandleAsync(HttpContext http, bool reads)
    {
        var isFirst = Interlocked.Increment(ref _calls) == 1;
        if (!isFirst || reads)
        {
            using var reader = new StreamReader(http.Request.Body);
            _bodies.Enqueue(await reader.ReadToEndAsync());
        }

        http.Response.StatusCode = isFirst ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
    }

    // Cannot be read twice, as a body from a network.
    private sealed class OneWayStream(int length) : MemoryStream([.. Enumerable.Repeat((byte)'x', length)])
    {
        public override bool CanSeek => false;
    }
}
