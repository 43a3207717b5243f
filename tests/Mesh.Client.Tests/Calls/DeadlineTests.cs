using System.Net;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Calls;

public sealed class DeadlineTests
{
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task SendAsync_AttemptTakesTooLong_IsRepeatedElsewhere()
    {
        using var stub = new StubHandler(static async (seen, cancellationToken) =>
        {
            if (seen.Number == 1)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new HttpResponseMessage();
        });
        await using var host = new ClientHost(Given.Orders("""{ "AttemptTimeout": "1s" }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await UntilAsync(() => stub.Requests.Count == 1);

        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(call.IsCompleted, Is.False);
        await AdvanceUntilAsync(call);

        using var response = await call;
        Assert.That(stub.Requests, Has.Count.EqualTo(2));
        Assert.That(stub.Requests[0].Headers[MeshHeaders.Timeout], Is.EqualTo("1000m"));
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures), Is.EqualTo(1));
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
    }

    [Test]
    public async Task SendAsync_EveryAttemptTakesTooLong_TimesOutAtTheDeadline()
    {
        using var stub = Hanging();
        await using var host = new ClientHost(Given.Orders("""{ "Timeout": "2500ms", "AttemptTimeout": "1s" }"""), stub, _time);
        var started = _time.GetTimestamp();
        var call = host.CreateClient().GetAsync(Uri);

        await AdvanceUntilAsync(call);

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Contain("'orders'").And.Contain("deadline").And.Contain("attempts"));
        Assert.That(exception.CancellationToken.IsCancellationRequested, Is.False);
        Assert.That(_time.GetElapsedTime(started), Is.EqualTo(TimeSpan.FromSeconds(2.5)).Within(TimeSpan.FromMilliseconds(200)));
    }

    [Test]
    public async Task SendAsync_AttemptTimeoutWithoutRetries_SaysSo()
    {
        using var stub = Hanging();
        await using var host = new ClientHost(Given.Orders("""{ "AttemptTimeout": "1s" }"""), stub, _time);
        var call = host.CreateClient().PostAsync(Uri, new StringContent("x"));

        await AdvanceUntilAsync(call);

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Contain("attempt time-out of 00:00:01").And.Contain("1 attempts"));
    }

    [Test]
    public async Task SendAsync_CallerCancels_KeepsTheTokenAndBlamesNobody()
    {
        using var caller = new CancellationTokenSource();
        using var stub = Hanging();
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        using var invoker = new HttpMessageInvoker(host.Services.GetHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        var call = invoker.SendAsync(request, caller.Token);
        await UntilAsync(() => stub.Requests.Count == 1);
        var budget = host.State.GetServices().Single().RetryBudget;

        await caller.CancelAsync();

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
        Assert.That(exception.InnerException, Is.Not.TypeOf<TimeoutException>());
        var service = host.State.GetServices().Single();
        Assert.That(service.Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
        Assert.That(service.Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
        Assert.That(service.RetryBudget, Is.EqualTo(budget));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_CallerCancelsDuringThePause_KeepsTheTokenAndStops()
    {
        using var caller = new CancellationTokenSource();
        using var stub = new StubHandler(static _ => Given.Response(HttpStatusCode.ServiceUnavailable, "3"));
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        using var invoker = new HttpMessageInvoker(host.Services.GetHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        var call = invoker.SendAsync(request, caller.Token);
        await UntilAsync(() => stub.UndisposedResponses == 0 && stub.Requests.Count == 1);

        await caller.CancelAsync();

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_RetryAfterFits_WaitsThatLong()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? Given.Response(HttpStatusCode.ServiceUnavailable, "3") : new HttpResponseMessage());
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);
        await UntilAsync(() => stub.Requests.Count == 1 && stub.UndisposedResponses == 0);

        _time.Advance(TimeSpan.FromSeconds(2.9));
        await Task.Yield();
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        await AdvanceUntilAsync(call);

        Assert.That((await call).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests[1].Headers[MeshHeaders.Timeout], Is.EqualTo("4000m"));
        Assert.That(host.State.GetServices().Single().Endpoints, Has.All.Property("Condition").EqualTo(Mesh.Client.Ejection.EndpointCondition.Healthy));
    }

    [TestCase("10")]
    [TestCase("60")]
    [TestCase("99999999999")]
    public async Task SendAsync_RetryAfterDoesNotFit_GivesTheAnswerAtOnce(string retryAfter)
    {
        using var stub = new StubHandler(_ => Given.Response(HttpStatusCode.TooManyRequests, retryAfter));
        await using var host = new ClientHost(Given.Orders(), stub, _time);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_FailuresInARow_BacksOffWithinFullJitter()
    {
        List<DateTimeOffset> arrivals = [];
        using var stub = new StubHandler(_ =>
        {
            arrivals.Add(_time.GetUtcNow());
            return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        });
        await using var host = new ClientHost(
            Given.Orders("""{ "Timeout": "60s", "Retry": { "Attempts": 4, "Backoff": "1s", "MaxBackoff": "3s" } }"""), stub, _time);
        var call = host.CreateClient().GetAsync(Uri);

        await AdvanceUntilAsync(call);

        Assert.That(arrivals, Has.Count.EqualTo(5));
        foreach (var (retry, ceiling) in new[] { (1, 1.0), (2, 2.0), (3, 3.0), (4, 3.0) })
        {
            Assert.That((arrivals[retry] - arrivals[retry - 1]).TotalSeconds, Is.InRange(0, ceiling + 0.2));
        }
    }

    [Test]
    public async Task SendAsync_AmbientDeadlineIsNearer_ShortensTheCall()
    {
        using var stub = Hanging();
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        Task<HttpResponseMessage> call;
        using (MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(1.5), _time) }))
        {
            call = host.CreateClient().GetAsync(Uri);
        }

        await UntilAsync(() => stub.Requests.Count == 1);
        Assert.That(stub.Requests[0].Headers[MeshHeaders.Timeout], Is.EqualTo("1495m"));
        await AdvanceUntilAsync(call);
        Assert.That((await Assert.ThrowsAsync<TaskCanceledException>(() => call))!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("{}", "995m")]
    [TestCase("""{ "DeadlineReserve": "0s" }""", "1000m")]
    [TestCase("""{ "DeadlineReserve": "400ms" }""", "600m")]
    public async Task SendAsync_AmbientDeadline_KeepsTheReserve(string settings, string sent)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(settings), stub, _time);
        using var context = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(1), _time) });

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests[0].Headers[MeshHeaders.Timeout], Is.EqualTo(sent));
    }

    [Test]
    public async Task SendAsync_NoMoreThanTheReserveIsLeft_SendsNothing()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "DeadlineReserve": "1s" }"""), stub, _time);
        _time.Advance(TimeSpan.FromHours(1));
        using var context = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.FromSeconds(1), _time) });

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task SendAsync_NobodyAnswersTheHandshake_IsRepeatedElsewhereAfterTheConnectTimeout()
    {
        // Takes connections and says nothing.
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var service = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{silent.LocalEndpoint}}", "{{service.Url}}" ] } }""",
            """{ "orders": { "ConnectTimeout": "2s", "AttemptTimeout": "60s", "Timeout": "60s", "LoadBalancing": { "Policy": "RoundRobin" } } }"""));
        var client = host.CreateClient();

        // The timeout holds for the other one too, whose handshake may be the first of the process and takes its time.
        // Round robin begins anywhere: the silent one is the first or the second to be asked.
        for (var i = 0; i < 2 && host.State.GetServices() is not [{ Retries: > 0 }]; i++)
        {
            using var response = await client.PostAsync(Uri, new StringContent("x"));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), "nothing was sent: repeated, though not idempotent");
        }

        Assert.That(host.State.GetServices().Single().Retries, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_AmbientDeadlineHasPassed_SendsNothing()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        using var context = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.Zero, _time) });

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Contain("orders"));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task SendAsync_AmbientTimeouts_TakeThePlaceOfThePolicys()
    {
        using var stub = Hanging();
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        Task<HttpResponseMessage> call;
        using (MeshContext.Use(new MeshContext { CallTimeout = TimeSpan.FromDays(100), AttemptTimeout = TimeSpan.FromSeconds(30) }))
        {
            call = host.CreateClient().PostAsync(Uri, new StringContent("x"));
        }

        await UntilAsync(() => stub.Requests.Count == 1);
        Assert.That(stub.Requests[0].Headers[MeshHeaders.Timeout], Is.EqualTo("30000m"));
        await AdvanceUntilAsync(call);
        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    private static StubHandler Hanging() => new(static async (_, cancellationToken) =>
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException();
    });

    private async Task AdvanceUntilAsync(Task task)
    {
        for (var i = 0; i < 20_000 && !task.IsCompleted; i++)
        {
            // Virtual time must not run away from the continuations it sets free.
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 5000 && !condition(); i++)
        {
            await Task.Delay(1);
        }

        Assert.That(condition(), Is.True);
    }
}
