using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Calls;
using Mesh.Client.Faults;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Mesh.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Faults;

/// <summary>What is put into calls on purpose, and who notices.</summary>
public sealed class FaultInjectionTests
{
    private const string NoRetry = "\"Retry\": { \"Attempts\": 0 }";
    private const string Quick = "\"Retry\": { \"Attempts\": 2, \"Backoff\": \"1ms\", \"MaxBackoff\": \"1ms\" }";

    private static readonly Uri Uri = new("https://orders/");

    [Test]
    public async Task GetAsync_Abort_IsAnsweredAndMarkedWithoutBeingSent()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{NoRetry}}, "Fault": { "Abort": { "HttpStatus": 503 } } }""", stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "abort" }));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("urn:mesh:problem:injected-fault"));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task GetAsync_Abort_IsRepeatedAndNotHeldAgainstTheEndpoints()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{Quick}}, "Ejection": { "ConsecutiveFailures": 1 }, "Fault": { "Abort": { "HttpStatus": 503 } } }""", stub);
        using var spans = new SpanRecorder();

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(3), "retries see it");
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.fault"), Is.EqualTo("abort"));
        var service = host.State.GetServices().Single();
        Assert.That(service.Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
        Assert.That(host.Service("orders").Ledger.Ejected, Is.Zero, "ejection does not");
    }

    [Test]
    public async Task GetAsync_ConnectionError_IsRepeatedEvenForAPost()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{Quick}}, "Fault": { "Abort": { "ConnectionError": true } } }""", stub);
        using var spans = new SpanRecorder();

        var error = await Assert.ThrowsAsync<InjectedFaultException>(() => host.CreateClient().PostAsync(Uri, new StringContent("x")));

        Assert.That(error!.HttpRequestError, Is.EqualTo(HttpRequestError.ConnectionError));
        Assert.That(error.Service, Is.EqualTo("orders"));
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(3));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task PostAsync_AbortWithStatus_IsNotRepeated()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{Quick}}, "Fault": { "Abort": { "HttpStatus": 500 } } }""", stub);
        using var spans = new SpanRecorder();

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));

        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(1), "a server that answers may have done the work");
    }

    [Test]
    public async Task SendAsync_GrpcStatus_IsAnAnswerWithoutMessage()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{NoRetry}}, "Fault": { "Abort": { "GrpcStatus": "UNAVAILABLE" } } }""", stub);
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri) { Version = HttpVersion.Version20, Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That((response.StatusCode, response.Version), Is.EqualTo((HttpStatusCode.OK, HttpVersion.Version20)));
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "14" }));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/grpc"));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task GetAsync_DelayWithinTheTimeouts_IsWaitedForAndMarked()
    {
        var time = new FakeTimeProvider();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host("""{ "Fault": { "Delay": { "FixedDelay": "2s" } } }""", stub, time);

        var call = host.CreateClient().GetAsync(Uri);
        await Eventually.UntilAsync(() => host.Directory.Known.Any(static service => service.Endpoints.All.Any(static endpoint => endpoint.Active == 1)));
        time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.That(stub.Requests, Is.Empty);
        await Eventually.UntilAsync(() => call.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(1)));

        using var response = await call;
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "delay" }));
        var endpoint = host.Service("orders").Endpoints.All.Single(static endpoint => endpoint.Requests == 1);
        Assert.That(endpoint.PeakLatency(time.GetTimestamp()), Is.EqualTo(TimeSpan.Zero), "the endpoint was not slow");
    }

    [Test]
    public async Task GetAsync_DelayBeyondTheAttemptTimeout_IsATimeoutOfTheAttempt()
    {
        var time = new FakeTimeProvider();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ "AttemptTimeout": "1s", {{Quick}}, "Fault": { "Delay": { "FixedDelay": "1h" } } }""", stub, time);
        using var spans = new SpanRecorder();

        var call = host.CreateClient().GetAsync(Uri);
        await Eventually.UntilAsync(() => call.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(50)));

        var error = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(error!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(spans.Stopped.Single().GetTagItem("mesh.attempts"), Is.EqualTo(3));
        Assert.That(host.State.GetServices().Single().Endpoints.Sum(static endpoint => endpoint.Failures), Is.Zero);
    }

    [Test]
    public async Task GetAsync_Percent_IsTheShareOfAttempts()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{NoRetry}}, "Fault": { "Abort": { "HttpStatus": 500, "Percent": 30 } } }""", stub);
        var client = host.CreateClient();

        for (var i = 0; i < 2000; i++)
        {
            using var response = await client.GetAsync(Uri);
        }

        // 1,400 are expected; the bounds are seven standard deviations away.
        Assert.That(stub.Requests, Has.Count.InRange(1257, 1543));
    }

    [Test]
    public async Task GetAsync_RuleWithAFault_HidesThatOfTheService()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(
            $$"""
            { {{NoRetry}}, "Fault": { "Abort": { "HttpStatus": 500 } },
              "Rules": [ { "Matches": [ { "Path": { "Value": "/slow" } } ], "BackendRefs": [ { "Name": "orders" } ],
                           "Filters": [ { "Type": "FaultInjection", "FaultInjection": { "Abort": { "HttpStatus": 418 } } } ] },
                         { "BackendRefs": [ { "Name": "orders" } ] } ] }
            """,
            stub);
        var client = host.CreateClient();

        using var ruled = await client.GetAsync(new Uri(Uri, "/slow"));
        using var other = await client.GetAsync(new Uri(Uri, "/other"));

        Assert.That((ruled.StatusCode, other.StatusCode), Is.EqualTo(((HttpStatusCode)418, HttpStatusCode.InternalServerError)));
    }

    [Test]
    public async Task GetAsync_DefaultsWithAFault_HoldForEveryService()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(
            """
            { "Services": { "orders": { "https": [ "10.0.0.1:1" ] } },
              "Mesh": { "Faults": { "AllowInProduction": true }, "Client": { "Defaults": { "Fault": { "Abort": { "HttpStatus": 418 } } } } } }
            """,
            stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo((HttpStatusCode)418));
    }

    [Test]
    public async Task SendAsync_Order_IsCarriedOutAndNotSentOn()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host("""{ "Fault": { "FromHeaders": true } }""", stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri) { Headers = { { MeshHeaders.FaultDelay, "1ms" }, { MeshHeaders.FaultAbortPercent, "0" } } };

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "delay" }));
        Assert.That(stub.Requests.Single().Headers.Keys, Has.None.StartsWith("mesh-fault"));
        Assert.That(request.Headers.Contains(MeshHeaders.FaultDelay), Is.True, "the caller's message is not changed");
    }

    [TestCase("{}")]
    [TestCase("""{ "Fault": { "Delay": { "FixedDelay": "1ms" } } }""")]
    public async Task SendAsync_OrderThatIsNotAllowed_IsTheCalleesToDecide(string settings)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(settings, stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri) { Headers = { { MeshHeaders.FaultAbort, "503" } } };

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(stub.Requests.Single().Headers[MeshHeaders.FaultAbort], Is.EqualTo("503"));
    }

    [Test]
    public async Task GetAsync_Bandwidth_PacesTheBody()
    {
        var body = new byte[30_000];
        Random.Shared.NextBytes(body);
        using var stub = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });
        await using var host = Host("""{ "Fault": { "Bandwidth": { "BytesPerSecond": 100000 } } }""", stub);
        var watch = Stopwatch.StartNew();

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.EqualTo(body));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(30_000));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "bandwidth" }));
        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(190)), "three parts, and a tenth of a second after each but the last");
    }

    [Test]
    public async Task GetAsync_Fault_IsCounted()
    {
        List<(string? Service, string? Fault)> seen = [];
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host($$"""{ {{NoRetry}}, "Fault": { "Delay": { "FixedDelay": "1ms" }, "Abort": { "HttpStatus": 500 } } }""", stub);
        using var listener = new MeterListener();
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "mesh.client.faults" && instrument.Meter.Scope == meters)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Add((Find(tags, "mesh.service"), Find(tags, "mesh.fault"))));
        listener.Start();

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(seen, Is.EqualTo(new[] { ("orders", "delay, abort") }));

        static string? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == name)
                {
                    return tag.Value?.ToString();
                }
            }

            return null;
        }
    }

    [Test]
    public async Task Start_FaultsInProduction_AreRefusedWithTheirPaths()
    {
        await using var host = new ClientHost(
            """
            { "Mesh": { "Client": {
                "Defaults": { "Fault": { "FromHeaders": true } },
                "Services": {
                  "orders": { "Fault": { "Delay": { "FixedDelay": "1s" } } },
                  "catalog": { "Rules": [ { "Filters": [ { "Type": "FaultInjection", "FaultInjection": { "Abort": { "HttpStatus": 500 } } } ] } ] } } } } }
            """);
        var check = host.Services.GetServices<MeshStartupCheck>().Single(static check => check.Subject == "Mesh:Client");

        var error = Assert.Throws<MeshConfigurationException>(() => check.Check());

        Assert.That(error!.Errors, Is.EquivalentTo(new[] { "Defaults:Fault", "Services:orders:Fault", "Services:catalog:Rules:0:Filters:0:FaultInjection" }
            .Select(static path => $"Mesh:Client:{path}: found a fault, which is refused in the environment 'unknown'; set Mesh:Faults:AllowInProduction if it is meant.")));
    }

    [Test]
    public async Task Reload_FaultInProduction_IsRefusedAndTheLastPolicyStays()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders(), stub);
        var client = host.CreateClient();
        using (await client.GetAsync(Uri))
        {
            host.Configuration.Replace(Given.Orders("""{ "Fault": { "Abort": { "HttpStatus": 500 } } }"""));
        }

        using var response = await client.GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(host.Log.Mesh, Has.Exactly(1).Contains("Mesh:Client:Services:orders:Fault: found a fault, which is refused"));
    }

    private static ClientHost Host(string orders, HttpMessageHandler stub, TimeProvider? time = null) => new(
        $$"""
        { "Services": { "orders": { "https": [ "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3" ] } },
          "Mesh": { "Faults": { "AllowInProduction": true }, "Client": { "Services": { "orders": {{orders}} } } } }
        """,
        stub,
        time);
}
