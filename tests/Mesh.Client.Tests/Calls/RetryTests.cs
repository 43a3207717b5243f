using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

public sealed class RetryTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [TestCase("GET", HttpStatusCode.ServiceUnavailable)]
    [TestCase("GET", HttpStatusCode.InternalServerError)]
    [TestCase("HEAD", HttpStatusCode.BadGateway)]
    [TestCase("PUT", HttpStatusCode.GatewayTimeout)]
    [TestCase("DELETE", HttpStatusCode.RequestTimeout)]
    [TestCase("GET", HttpStatusCode.TooManyRequests)]
    public async Task SendAsync_IdempotentRequestFails_IsRepeatedElsewhere(string method, HttpStatusCode status)
    {
        using var stub = StubHandler.Answering(status, HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri);

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests, Has.Count.EqualTo(2));
        Assert.That(stub.Requests[1].Uri.Authority, Is.Not.EqualTo(stub.Requests[0].Uri.Authority));
        Assert.That(stub.Requests[0].Headers, Does.Not.ContainKey(MeshHeaders.Attempt));
        Assert.That(stub.Requests[1].Headers[MeshHeaders.Attempt], Is.EqualTo("2"));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1), "the caller's");
    }

    [TestCase(HttpStatusCode.OK)]
    [TestCase(HttpStatusCode.NotFound)]
    [TestCase(HttpStatusCode.Unauthorized)]
    [TestCase(HttpStatusCode.NotImplemented)]
    [TestCase(HttpStatusCode.Found)]
    public async Task SendAsync_AnswerThatBlamesNobody_IsFinal(HttpStatusCode status)
    {
        using var stub = StubHandler.Answering(status);
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_AllAttemptsFail_GivesTheLastAnswerAndDisposesTheOthers()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.BadGateway, HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(stub.Requests.Select(static seen => seen.Uri.Authority), Is.Unique);
        Assert.That(stub.Requests, Has.Count.EqualTo(3));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_ConnectionsFail_GivesTheLastException()
    {
        using var stub = new StubHandler(static _ => throw Given.NotSent());
        await using var host = new ClientHost(Given.Orders(), stub);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(exception!.HttpRequestError, Is.EqualTo(HttpRequestError.ConnectionError));
        Assert.That(exception.StackTrace, Does.Contain(nameof(StubHandler)), "the attempt's own stack");
        Assert.That(stub.Requests, Has.Count.EqualTo(3));
    }

    [TestCase("POST")]
    [TestCase("PATCH")]
    public async Task SendAsync_NonIdempotentRequestMayHaveArrived_IsNotRepeated(string method)
    {
        using var stub = new StubHandler(static _ => throw Given.Broken());
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri) { Content = new StringContent("x") };

        await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().SendAsync(request));

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(HttpStatusCode.ServiceUnavailable, null)]
    [TestCase(HttpStatusCode.ServiceUnavailable, "0")]
    [TestCase(HttpStatusCode.TooManyRequests, "0")]
    public async Task SendAsync_PostIsRefused_IsNotRepeated(HttpStatusCode status, string? retryAfter)
    {
        using var stub = new StubHandler(_ => Given.Response(status, retryAfter));
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));

        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_PostWithIdempotencyKey_IsRepeatedWithTheKey()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? throw Given.Broken() : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(), stub);
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri) { Content = new StringContent("x") };
        request.Headers.Add(MeshHeaders.IdempotencyKey, "k1");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests, Has.Count.EqualTo(2));
        Assert.That(stub.Requests[1].Body, Is.EqualTo("x"));
        Assert.That(stub.Requests[1].Headers[MeshHeaders.IdempotencyKey], Is.EqualTo("k1"));
    }

    [Test]
    public async Task SendAsync_PostNotSent_IsRepeatedAtOnce()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? throw Given.NotSent() : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Backoff": "00:01:00", "MaxBackoff": "00:01:00" } }"""), stub);

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests[1].Body, Is.EqualTo("x"));
    }

    [Test]
    public async Task SendAsync_LongStreamedPutFails_IsNotRepeated()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().PutAsync(Uri, new StreamContent(new MemoryStream(new byte[70_000])));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_StreamedPostNotConnected_IsRepeated()
    {
        var attempts = 0;
        using var stub = new UnreadStub(() => ++attempts == 1 ? throw Given.NotSent() : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(), stub);

        using var response = await host.CreateClient().PostAsync(Uri, new StreamContent(new MemoryStream([1, 2])));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(attempts, Is.EqualTo(2));
    }

    [Test]
    public async Task SendAsync_StreamedPostRefusedByStream_IsNotRepeated()
    {
        // REFUSED_STREAM proves that nothing was processed, not that nothing of the body was read.
        var attempts = 0;
        using var stub = new UnreadStub(() => ++attempts == 1
            ? throw new HttpRequestException(HttpRequestError.HttpProtocolError, "refused", new HttpProtocolException(7, "refused", null))
            : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(), stub);

        await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().PostAsync(Uri, new StreamContent(new MemoryStream([1, 2]))));
        Assert.That(attempts, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_RetriesSwitchedOff_TriesOnce()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Attempts": 0 } }"""), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_BudgetExhausted_GivesTheAnswerThereIs()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(
            Given.Orders("""{ "Retry": { "Budget": { "Ratio": 0, "MinPerSecond": 0.3 } }, "Ejection": { "ConsecutiveFailures": 0 } }"""),
            stub);
        var client = host.CreateClient();
        for (var i = 0; i < 10; i++)
        {
            using var response = await client.GetAsync(Uri);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        Assert.That(stub.Requests, Has.Count.EqualTo(13), "ten calls and the three retries of the reserve");
        Assert.That(host.State.GetServices().Single().RetriesRefused, Is.EqualTo(9));
        Assert.That(stub.UndisposedResponses, Is.Zero);
    }

    [Test]
    public async Task SendAsync_OneEndpoint_IsTriedAgain()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Services("""{ "orders": { "https": [ "10.0.0.1:1" ] } }""", "{}"), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private sealed class UnreadStub(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Task.FromResult(answer());
            }
            catch (HttpRequestException exception)
            {
                return Task.FromException<HttpResponseMessage>(exception);
            }
        }
    }
}
