using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Calls;

/// <summary>
/// The order in which <see cref="MeshHandler"/> takes its steps. Each test holds two neighbours against each other.
/// </summary>
public sealed class OrderTests
{
    private const string Rules = """{ "Rules": [ { "Matches": [ { "Path": { "Type": "Exact", "Value": "/known" } } ], "BackendRefs": [ { "Name": "empty" } ] } ] }""";

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task SendAsync_ServiceComesBeforeDeadline_UnknownHostsHaveNone()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub, _time);
        using var context = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.Zero, _time) });

        using var response = await host.CreateClient().GetAsync(new Uri("https://api.example/"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task SendAsync_RulesComeBeforeDeadline_WhichIsThatOfTheRule()
    {
        await using var host = new ClientHost(Given.Orders(Rules), time: _time);
        using var context = MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.Zero, _time) });
        var client = host.CreateClient();

        Assert.That((await Assert.ThrowsAsync<MeshRejectedException>(() => client.GetAsync(new Uri("https://orders/other"))))!.Reason, Is.EqualTo(RejectionReason.NoRoute));
        await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(new Uri("https://orders/known")));
    }

    [Test]
    public async Task SendAsync_DeadlineComesBeforeSpanAndDeposit_WhichCountCallsThatAreMade()
    {
        using var spans = new SpanRecorder();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Budget": { "Ratio": 1, "MinPerSecond": 0 } } }"""), stub, _time);
        var client = host.CreateClient();
        using (MeshContext.Use(new MeshContext { Deadline = Deadline.After(TimeSpan.Zero, _time) }))
        {
            await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(new Uri("https://orders/")));
        }

        Assert.That(spans.Stopped, Is.Empty);
        Assert.That(host.State.GetServices().Single().RetryBudget, Is.Zero);
    }

    [Test]
    public async Task SendAsync_SpanAndDepositComeBeforePick_WhichMayFindNobody()
    {
        using var spans = new SpanRecorder();
        await using var host = new ClientHost(
            """{ "Mesh": { "Client": { "Services": { "empty": { "Retry": { "Budget": { "Ratio": 1, "MinPerSecond": 0 } } } } } } }""", time: _time);

        await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https://empty/")));

        Assert.That(spans.Stopped, Has.Exactly(1).Items);
        Assert.That(host.State.GetServices().Single().RetryBudget, Is.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_WholeCall_TakesItsStepsInOrder()
    {
        List<string> steps = [];
        using var spans = new SpanRecorder(_ => steps.Add("span"));
        using var stub = new StubHandler(seen =>
        {
            steps.Add($"attempt {seen.Number} at {seen.Uri.Authority} with {seen.Headers[MeshHeaders.Timeout]}");
            _time.Advance(TimeSpan.FromSeconds(1));
            return Given.Response(seen.Number < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        });
        await using var host = new ClientHost(
            Given.Services(
                """{ "orders": { "https": [ "10.0.0.9:9" ] }, "orders-v2": { "https": [ "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3" ] } }""",
                """
                {
                  "orders": { "Timeout": "9s", "Rules": [ { "BackendRefs": [ { "Name": "orders-v2" } ] } ] },
                  "orders-v2": { "Timeout": "3500ms", "AttemptTimeout": "2s", "Retry": { "Backoff": "1ms", "MaxBackoff": "1ms" } }
                }
                """),
            stub,
            _time,
            services => services.AddHttpClient("x").AddHttpMessageHandler(() => new Application(steps)));

        var call = host.CreateClient("x").GetAsync(new Uri("https://orders/"));
        for (var i = 0; i < 1000 && !call.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(1);
        }

        using var response = await call;
        Assert.That(steps, Has.Count.EqualTo(5));
        Assert.That(steps[0], Is.EqualTo("application"), "the application's handlers stand outside and see one call");
        Assert.That(steps[1], Is.EqualTo("span"), "one for all attempts");
        Assert.That(steps[2], Does.Match("^attempt 1 at .* with 2000m$"), "the backend's policy holds, not that of the service called");
        Assert.That(steps[3], Does.Match("^attempt 2 at .* with 2000m$"));
        Assert.That(steps[4], Does.Match("^attempt 3 at .* with (14[0-9]{2}|1500)m$"), "what is left of the call's time");
        Assert.That(stub.Requests.Select(static seen => seen.Uri.Authority), Is.Unique, "each attempt picks anew");
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(3));
    }

    private sealed class Application(List<string> steps) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            steps.Add("application");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
