using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Telemetry;

public sealed class TelemetryTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [TestCase(HttpStatusCode.OK, "success", ActivityStatusCode.Unset, 1)]
    [TestCase(HttpStatusCode.NotFound, "success", ActivityStatusCode.Unset, 1)]
    [TestCase(HttpStatusCode.InternalServerError, "failure", ActivityStatusCode.Error, 3)]
    [TestCase(HttpStatusCode.TooManyRequests, "overload", ActivityStatusCode.Error, 3)]
    public async Task SendAsync_WithListener_MakesOneLogicalSpan(HttpStatusCode status, string outcome, ActivityStatusCode spanStatus, int attempts)
    {
        using var spans = new SpanRecorder();
        using var stub = StubHandler.Answering(status);
        await using var host = new ClientHost(Given.Orders(), stub);

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        var span = spans.Stopped.Single();
        Assert.That(span.Kind, Is.EqualTo(ActivityKind.Internal));
        Assert.That(span.DisplayName, Is.EqualTo("mesh.call orders"));
        Assert.That(span.GetTagItem("mesh.service"), Is.EqualTo("orders"));
        Assert.That(span.GetTagItem("mesh.outcome"), Is.EqualTo(outcome));
        Assert.That(span.GetTagItem("mesh.attempts"), Is.EqualTo(attempts));
        Assert.That(span.Status, Is.EqualTo(spanStatus));
    }

    [Test]
    public async Task SendAsync_Routed_NamesTheRuleOnTheSpan()
    {
        using var spans = new SpanRecorder();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "Rules": [ { "Name": "all", "BackendRefs": [ { "Name": "orders" } ] } ] }"""), stub);

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(spans.Stopped.Single().GetTagItem("mesh.route"), Is.EqualTo("all"));
    }

    [Test]
    public async Task SendAsync_RealAttempts_AreChildrenOfTheLogicalSpan()
    {
        using var spans = new SpanRecorder();
        var parents = new ConcurrentQueue<string?>();
        using var attempts = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => parents.Enqueue(activity.ParentId),
        };
        ActivitySource.AddActivityListener(attempts);
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost(Given.Services($$"""{ "orders": { "https": [ "{{orders.Url}}" ] } }""", "{}"));

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(parents, Has.Some.EqualTo(spans.Stopped.Single().Id));
        Assert.That(orders.Arrivals.Single().Headers["traceparent"], Does.Contain(spans.Stopped.Single().TraceId.ToString()));
    }

    [Test]
    public async Task SendAsync_WithMeter_CountsCallsRetriesRefusalsAndEjections()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.InternalServerError);
        await using var host = new ClientHost(
            Given.Orders("""{ "Retry": { "Attempts": 1, "Budget": { "Ratio": 0, "MinPerSecond": 0.3 } }, "Ejection": { "ConsecutiveFailures": 1 } }"""), stub);
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());
        for (var i = 0; i < 5; i++)
        {
            (await host.CreateClient().GetAsync(Uri)).Dispose();
        }

        Assert.That(metrics.Of("mesh.client.call.duration"), Has.Exactly(5).EqualTo("mesh.service=orders mesh.outcome=failure"));
        Assert.That(metrics.Of("mesh.client.retries"), Has.Exactly(3).EqualTo("mesh.service=orders"));
        Assert.That(metrics.Of("mesh.client.retry_budget.exhausted"), Has.Exactly(2).EqualTo("mesh.service=orders"));
        Assert.That(metrics.Of("mesh.client.endpoint.ejections"), Has.Exactly(1).EqualTo("mesh.service=orders mesh.reason=consecutive_failures"));
    }

    [Test]
    public async Task SendAsync_NoEndpoints_IsACallThatWasNotSent()
    {
        using var spans = new SpanRecorder();
        await using var host = new ClientHost("""{ "Mesh": { "Client": { "Services": { "orders": { "Timeout": "1s" } } } } }""");
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());

        await Assert.ThrowsAsync<Mesh.Client.Calls.MeshRejectedException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(metrics.Of("mesh.client.call.duration"), Is.EqualTo(["mesh.service=orders mesh.outcome=not_sent"]));
        Assert.That(spans.Stopped.Single().Status, Is.EqualTo(ActivityStatusCode.Error));
    }
}
