using System.Net;
using Mesh.Client.Ejection;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Hedging;

public sealed class HedgedCallTests
{
    private const string Settings = """{ "AttemptTimeout": "4s", "Hedging": { "Delay": "100ms" } }""";
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task SendAsync_FirstAttemptIsSlow_TheHedgesAnswerIsTaken()
    {
        using var spans = new SpanRecorder();
        using var stub = new StubHandler(static async (seen, token) => seen.Number == 1 ? await NeverAsync(token) : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        using var invoker = new HttpMessageInvoker(host.Services.GetHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        var call = invoker.SendAsync(request, default);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        await Task.Delay(20);
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        await AdvanceUntilAsync(() => call.IsCompleted);

        using var response = await call;
        Assert.That(stub.Requests, Has.Count.EqualTo(2));
        Assert.That(stub.Requests[1].Uri.Authority, Is.Not.EqualTo(stub.Requests[0].Uri.Authority));
        Assert.That(stub.Requests[1].Headers[MeshHeaders.Attempt], Is.EqualTo("2"));
        Assert.That(stub.Requests[1].Host, Is.EqualTo("orders"));
        Assert.That((request.RequestUri, request.Headers.Count()), Is.EqualTo((Uri, 0)), "the caller's request is as it was");
        var service = host.State.GetServices().Single();
        Assert.That((service.Hedges, service.Retries), Is.EqualTo((1, 0)));
        Assert.That(service.Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero, "to be slower than another is no failure");
        Assert.That(service.Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.hedges"), Is.EqualTo(1));
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(2));
    }

    [Test]
    public async Task SendAsync_AnswerComesBeforeTheDelay_NothingRemains()
    {
        var time = new CountingTimeProvider();
        var release = new TaskCompletionSource();
        using var stub = new StubHandler(async (_, _) =>
        {
            await release.Task;
            return new HttpResponseMessage();
        });
        await using var host = new ClientHost(Given.Orders(Settings), stub, time);
        var client = host.CreateClient();
        var first = client.GetAsync(Uri);
        release.SetResult();
        using var _ = await first;
        var timers = time.Timers;

        for (var i = 0; i < 10; i++)
        {
            using var response = await client.GetAsync(Uri);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(time.Timers, Is.EqualTo(timers));
        Assert.That(stub.Requests, Has.Count.EqualTo(11));
        Assert.That(host.State.GetServices().Single().Hedges, Is.Zero);
    }

    [Test]
    public async Task SendAsync_FirstAttemptAnswersAfterAll_WinsAndTheHedgeIsCancelled()
    {
        var release = new TaskCompletionSource();
        var cancelled = 0;
        using var stub = new StubHandler(async (seen, token) =>
        {
            if (seen.Number == 1)
            {
                await release.Task;
                return Given.Response(HttpStatusCode.Accepted);
            }

            token.Register(() => cancelled++);
            return await NeverAsync(token);
        });
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await AdvanceUntilAsync(() => stub.Requests.Count == 2);

        release.SetResult();
        using var response = await call;

        Assert.That((response.StatusCode, cancelled), Is.EqualTo((HttpStatusCode.Accepted, 1)));
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active) == 0);
    }

    [Test]
    public async Task SendAsync_LoserAnswersAllTheSame_ItsResponseIsDisposed()
    {
        var release = new TaskCompletionSource();
        using var stub = new StubHandler(async (seen, _) =>
        {
            if (seen.Number == 1)
            {
                // Deaf to its token.
                await release.Task;
            }

            return new HttpResponseMessage();
        });
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await AdvanceUntilAsync(() => call.IsCompleted);
        using var response = await call;

        release.SetResult();

        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active) == 0);
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1), "the caller's");
    }

    [Test]
    public async Task SendAsync_OneOfThemFails_TheOtherIsAwaited([Values(1, 2)] int failing)
    {
        TaskCompletionSource failure = new(), success = new();
        using var stub = new StubHandler(async (seen, _) =>
        {
            await (seen.Number == failing ? failure : success).Task;
            return Given.Response(seen.Number == failing ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        });
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await AdvanceUntilAsync(() => stub.Requests.Count == 2);
        failure.SetResult();
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures) == 1);
        success.SetResult();

        using var response = await call;

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
        Assert.That(stub.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task SendAsync_AllFail_RepetitionsFollowElsewhere()
    {
        var release = new TaskCompletionSource();
        using var stub = new StubHandler(async (seen, _) =>
        {
            if (seen.Number <= 2)
            {
                await release.Task;
            }

            return Given.Response(seen.Number <= 2 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        });
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await AdvanceUntilAsync(() => stub.Requests.Count == 2);
        release.SetResult();
        await AdvanceUntilAsync(() => call.IsCompleted);

        using var response = await call;

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests.Select(static seen => seen.Uri.Authority), Is.Unique.And.Exactly(3).Items);
        Assert.That(stub.Requests[2].Headers[MeshHeaders.Attempt], Is.EqualTo("3"));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
        var service = host.State.GetServices().Single();
        Assert.That((service.Hedges, service.Retries), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task SendAsync_SeveralHedges_EachComesAfterTheDelay()
    {
        using var stub = new StubHandler(static async (seen, token) => seen.Number < 3 ? await NeverAsync(token) : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders("""{ "Hedging": { "Delay": "100ms", "Attempts": 2 }, "Retry": { "Attempts": 0 } }"""), stub, _time);
        var started = _time.GetTimestamp();
        var call = host.CreateClient().GetAsync(Uri);

        await AdvanceUntilAsync(() => call.IsCompleted);

        using var response = await call;
        Assert.That(stub.Requests.Select(static seen => seen.Uri.Authority), Is.Unique.And.Exactly(3).Items);
        Assert.That(_time.GetElapsedTime(started), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200)));
    }

    [TestCase("POST", null)]
    [TestCase("PATCH", null)]
    [TestCase("PUT", "stream")]
    public async Task SendAsync_MayNotBeRepeated_IsNotHedged(string method, string? body)
    {
        var release = new TaskCompletionSource();
        using var stub = Waiting(release);
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri)
        {
            Content = body is null ? new StringContent("x") : new StreamContent(new MemoryStream(new byte[70_000])),
        };
        var call = host.CreateClient().SendAsync(request);

        await AssertNoHedgeAsync(stub);
        release.SetResult();
        using var response = await call;
    }

    [Test]
    public async Task SendAsync_CopyOfTheRequest_SaysTheSame()
    {
        var option = new HttpRequestOptionsKey<string>("option");
        using var stub = new StubHandler(static async (seen, token) => seen.Number == 1 ? await NeverAsync(token) : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("body"),
        };
        request.Headers.Add(MeshHeaders.IdempotencyKey, "k1");
        request.Options.Set(option, "set");
        var call = host.CreateClient().SendAsync(request);
        await AdvanceUntilAsync(() => call.IsCompleted);

        using var response = await call;

        var hedge = stub.Requests[1];
        Assert.That((hedge.Message.Version, hedge.Message.VersionPolicy), Is.EqualTo((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)));
        Assert.That((hedge.Body, hedge.Headers[MeshHeaders.IdempotencyKey]), Is.EqualTo(("body", "k1")));
        Assert.That(hedge.Message.Options.TryGetValue(option, out var value) ? value : null, Is.EqualTo("set"));
    }

    [Test]
    public async Task SendAsync_BudgetIsSpent_IsNotHedged()
    {
        var release = new TaskCompletionSource();
        using var stub = Waiting(release);
        await using var host = new ClientHost(
            Given.Orders("""{ "Hedging": { "Delay": "100ms" }, "Retry": { "Budget": { "Ratio": 0, "MinPerSecond": 0 } } }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);

        await AssertNoHedgeAsync(stub);
        release.SetResult();
        using var response = await call;
        Assert.That(host.State.GetServices().Single().RetriesRefused, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_WithoutRetries_CallsStillPayForHedges()
    {
        using var stub = new StubHandler(static async (seen, token) => seen.Number == 6 ? await NeverAsync(token) : new HttpResponseMessage());
        await using var host = new ClientHost(
            Given.Orders("""{ "Hedging": { "Delay": "100ms" }, "Retry": { "Attempts": 0, "Budget": { "Ratio": 0.2, "MinPerSecond": 0 } } }"""), stub, _time);
        var client = host.CreateClient();
        for (var i = 0; i < 5; i++)
        {
            using var paying = await client.GetAsync(Uri);
        }

        var call = client.GetAsync(Uri);
        await AdvanceUntilAsync(() => call.IsCompleted);

        Assert.That((await call).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task SendAsync_OneEndpoint_IsNotHedged()
    {
        var release = new TaskCompletionSource();
        using var stub = Waiting(release);
        await using var host = new ClientHost(Given.Services("""{ "orders": { "https": [ "10.0.0.1:1" ] } }""", $$"""{ "orders": {{Settings}} }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);

        await AssertNoHedgeAsync(stub);
        release.SetResult();
        using var response = await call;
    }

    [Test]
    public async Task SendAsync_RequestBeingServedIsARepetition_IsNotHedged()
    {
        var release = new TaskCompletionSource();
        using var stub = Waiting(release);
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        Task<HttpResponseMessage> call;
        using (MeshContext.Use(new MeshContext { Attempt = 2 }))
        {
            call = host.CreateClient().GetAsync(Uri);
        }

        await AssertNoHedgeAsync(stub);
        release.SetResult();
        using var response = await call;
    }

    [Test]
    public async Task SendAsync_CallerCancels_KeepsTheTokenAndEndsAll()
    {
        using var caller = new CancellationTokenSource();
        using var stub = new StubHandler(static async (_, token) => await NeverAsync(token));
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        using var invoker = new HttpMessageInvoker(host.Services.GetHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        var call = invoker.SendAsync(request, caller.Token);
        await AdvanceUntilAsync(() => stub.Requests.Count == 2);

        await caller.CancelAsync();

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active) == 0);
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
    }

    [Test]
    public async Task SendAsync_AllTakeTooLong_TimesOut()
    {
        using var stub = new StubHandler(static async (_, token) => await NeverAsync(token));
        await using var host = new ClientHost(Given.Orders("""{ "Timeout": "2s", "AttemptTimeout": "1s", "Hedging": { "Delay": "100ms" } }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);

        await AdvanceUntilAsync(() => call.IsCompleted);

        Assert.That((await Assert.ThrowsAsync<TaskCanceledException>(() => call))!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
    }

    [Test]
    public async Task SendAsync_AnswerThatIsToBeRepeated_DoesNotWin()
    {
        var release = new TaskCompletionSource();
        using var stub = new StubHandler(async (seen, _) =>
        {
            await (seen.Number == 1 ? release.Task : Task.CompletedTask);
            return Given.Response(seen.Number == 1 ? HttpStatusCode.OK : HttpStatusCode.Conflict);
        });
        await using var host = new ClientHost(Given.Orders("""{ "Hedging": { "Delay": "100ms" }, "Retry": { "On": [ "409" ] } }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await AdvanceUntilAsync(() => stub.Requests.Count == 2);
        release.SetResult();

        Assert.That((await call).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task SendAsync_ProbeLoses_TheEndpointMayBeProbedAgain()
    {
        using var stub = new StubHandler(static async (seen, token) => seen.Number switch
        {
            1 => new HttpResponseMessage(HttpStatusCode.InternalServerError),
            3 => await NeverAsync(token),
            _ => new HttpResponseMessage(),
        });
        await using var host = new ClientHost(
            Given.Orders("""{ "Hedging": { "Delay": "100ms" }, "Retry": { "Backoff": "1ms", "MaxBackoff": "1ms" }, "Ejection": { "ConsecutiveFailures": 1, "BaseTime": "1s" } }"""),
            stub,
            _time);
        var client = host.CreateClient();
        var first = client.GetAsync(Uri);
        await AdvanceUntilAsync(() => first.IsCompleted);
        var ejected = stub.Requests[0].Uri.Authority;
        _time.Advance(TimeSpan.FromSeconds(2));

        var second = client.GetAsync(Uri);
        await AdvanceUntilAsync(() => second.IsCompleted);
        Assert.That(stub.Requests[2].Uri.Authority, Is.EqualTo(ejected), "the probe");
        using var third = await client.GetAsync(Uri);

        Assert.That(stub.Requests[^1].Uri.Authority, Is.EqualTo(ejected), "the next one");
        Assert.That(host.State.GetServices().Single().Endpoints, Has.All.Property("Condition").EqualTo(EndpointCondition.Healthy));
    }

    private static StubHandler Waiting(TaskCompletionSource release) => new(async (_, _) =>
    {
        await release.Task;
        return new HttpResponseMessage();
    });

    private static async Task<HttpResponseMessage> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException();
    }

    private async Task AssertNoHedgeAsync(StubHandler stub)
    {
        await Eventually.UntilAsync(() => stub.Requests.Count == 1);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1);
        }

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.UntilAsync(condition, () => _time.Advance(TimeSpan.FromMilliseconds(10)));

}
