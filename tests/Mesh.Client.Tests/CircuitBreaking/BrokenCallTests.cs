using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.State;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.CircuitBreaking;

/// <summary>Calls of a service whose circuit opens.</summary>
public sealed class BrokenCallTests
{
    private const string Settings = """{ "Retry": { "Attempts": 0 }, "Ejection": { "ConsecutiveFailures": 0 }, "CircuitBreaker": { "Enabled": true, "MinThroughput": 4 } }""";
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task SendAsync_CircuitOpen_FailsAtOnceAndSaysForHowLong()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());
        await CallAsync(host, 4);

        var refusal = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(refusal!.Reason, Is.EqualTo(RejectionReason.CircuitOpen));
        Assert.That(refusal.RetryAfter!.Value.TotalSeconds, Is.InRange(10, 11));
        Assert.That(refusal.Message, Does.Contain("'orders'").And.Contain("CircuitBreaker"));
        Assert.That(stub.Requests, Has.Count.EqualTo(4), "nothing was sent");
        Assert.That(metrics.Of("mesh.client.refusals"), Is.EqualTo(["mesh.service=orders mesh.reason=circuit_open"]));
        Assert.That(metrics.Of("mesh.client.circuit_breaker.changes"), Is.EqualTo(["mesh.service=orders mesh.state=open"]));
        Assert.That(metrics.Of("mesh.client.call.duration"), Has.Exactly(1).EqualTo("mesh.service=orders mesh.outcome=not_sent"));
        Assert.That(View(host).CircuitBreaker, Is.EqualTo(new CircuitStateView(CircuitState.Open, refusal.RetryAfter, 1)));
        Assert.That(View(host).Refused, Is.EqualTo(1));
        Assert.That(View(host).Endpoints.Sum(static endpoint => endpoint.Active), Is.Zero);
        Assert.That(host.Log.Mesh, Has.Some.Contains("Calls to service orders are not made for"));
    }

    [Test]
    public async Task SendAsync_ServiceRecovered_ClosesWithOneCall()
    {
        var status = HttpStatusCode.InternalServerError;
        using var stub = new StubHandler(_ => Given.Response(status));
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        await CallAsync(host, 4);
        _time.Advance(TimeSpan.FromSeconds(12));
        status = HttpStatusCode.OK;

        await CallAsync(host, 10);

        Assert.That(View(host).CircuitBreaker!.State, Is.EqualTo(CircuitState.Closed));
        Assert.That(host.Log.Mesh, Has.Some.EqualTo("Calls to service orders are made again."));
    }

    [Test]
    public async Task SendAsync_CircuitOpensInMidCall_GivesTheAnswerItHas()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Attempts": 3 }, "CircuitBreaker": { "Enabled": true, "MinThroughput": 1 } }"""), stub, _time);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(stub.Requests, Has.Count.EqualTo(1), "what is broken is not repeated");
    }

    [Test]
    public async Task Reload_CircuitOpen_StaysOpenUntilSwitchedOff()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(Given.Orders(Settings), stub, _time);
        await CallAsync(host, 4);

        host.Configuration.Replace(Given.Orders("""{ "Retry": { "Attempts": 0 }, "CircuitBreaker": { "Enabled": true, "MinThroughput": 5, "Window": "30s" } }"""));
        await Eventually.UntilAsync(() => host.Service("orders").Policy.CircuitBreaker!.MinThroughput == 5);
        Assert.That(View(host).CircuitBreaker!.State, Is.EqualTo(CircuitState.Open));

        host.Configuration.Replace(Given.Orders("""{ "Retry": { "Attempts": 0 } }"""));
        await Eventually.UntilAsync(() => host.Service("orders").Policy.CircuitBreaker is null);
        await CallAsync(host, 1);
        Assert.That(View(host).CircuitBreaker, Is.Null);
    }

    [Test]
    public async Task SendAsync_RealServiceDiesAndReturns_BreaksAndRecovers()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "{{orders.Url}}" ] } }""",
            """{ "orders": { "Retry": { "Attempts": 0 }, "CircuitBreaker": { "Enabled": true, "MinThroughput": 4, "BreakDuration": "200ms" } } }"""));
        var client = host.CreateClient();
        (await client.GetAsync(Uri)).Dispose();
        await orders.KillAsync();
        RejectionReason? reason = null;

        await Eventually.UntilAsync(() => reason == RejectionReason.CircuitOpen, () => reason = Call());
        await orders.StartAsync();
        await Eventually.UntilAsync(() => View(host).CircuitBreaker!.State == CircuitState.Closed, () => Call());

        RejectionReason? Call()
        {
            try
            {
                client.GetAsync(Uri).GetAwaiter().GetResult().Dispose();
                return null;
            }
            catch (HttpRequestException exception)
            {
                return (exception as MeshRejectedException)?.Reason;
            }
        }
    }

    private static ServiceStateView View(ClientHost host) => host.State.GetServices().Single();

    private static async Task CallAsync(ClientHost host, int times)
    {
        for (var i = 0; i < times; i++)
        {
            (await host.CreateClient().GetAsync(Uri)).Dispose();
        }
    }
}
