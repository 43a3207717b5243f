using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Configuration;
using Mesh.Server.Telemetry;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Tests.Faults;

/// <summary>What requests suffer on purpose, over real connections.</summary>
internal sealed class ServerFaultTests
{
    private int _served;

    [Test]
    public async Task Abort_IsAProblemWithAMark()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:HttpStatus", "503"));

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "injected-fault");
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "abort" }));
        Assert.That(_served, Is.Zero);
    }

    [Test]
    public async Task Abort_WithAGrpcStatus_IsAnAnswerWithoutMessage()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:GrpcStatus", "NOT_FOUND"));

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "5" }));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/grpc"));
    }

    [Test]
    public async Task Abort_OfTheConnection_CutsIt()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:ConnectionError", "true"));

        await Assert.ThrowsAsync<HttpRequestException>(() => app.Peer().GetAsync(new Uri("/orders", UriKind.Relative)));
        Assert.That(_served, Is.Zero);
    }

    [TestCase("GET", "/orders/1", true)]
    [TestCase("GET", "/ORDERS/1", true)]
    [TestCase("POST", "/orders/1", false)]
    [TestCase("GET", "/catalog", false)]
    [TestCase("GET", "/exact", true)]
    [TestCase("GET", "/exact/more", false)]
    public async Task Fault_MethodAndPath_DecideWhoSuffers(string method, string path, bool suffers)
    {
        await using var app = await StartAsync(
            ("Faults:0:Methods:0", "GET"), ("Faults:0:Paths:0", "/orders/*"), ("Faults:0:Paths:1", "/exact"), ("Faults:0:Fault:Abort:HttpStatus", "418"));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(suffers ? (HttpStatusCode)418 : HttpStatusCode.OK));
        Assert.That(response.Headers.Contains(MeshHeaders.Fault), Is.EqualTo(suffers));
    }

    [Test]
    public async Task Fault_Probes_AreSpared()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:HttpStatus", "500"));

        using var response = await app.Plaintext().GetAsync(new Uri("/health", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Fault_Strangers_AreRefusedFirst()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:HttpStatus", "500"));

        using var response = await app.Plaintext().GetAsync(new Uri("/orders", UriKind.Relative));

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "peer-required");
    }

    [Test]
    public async Task Delay_ThenTheApplication_AnswersWithAMark()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Delay:FixedDelay", "200ms"));
        var watch = Stopwatch.StartNew();

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(190)));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "delay" }));
    }

    [Test]
    public async Task Delay_BeyondTheDeadline_IsADeadlineExceeded()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Delay:FixedDelay", "1h"), ("RequestTimeout", "100ms"));

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
        Assert.That(_served, Is.Zero);
    }

    [TestCase("/stream")]
    [TestCase("/pipe")]
    [TestCase("/file")]
    public async Task Bandwidth_HoweverItIsWritten_PacesTheBody(string path)
    {
        await using var app = await StartAsync(("Faults:0:Fault:Bandwidth:BytesPerSecond", "100000"));
        var watch = Stopwatch.StartNew();

        using var response = await app.Peer().GetAsync(new Uri(path, UriKind.Relative));

        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.That(body, Has.Length.EqualTo(30_000));
        Assert.That(body, Is.All.EqualTo((byte)'x'));
        Assert.That(response.Headers.GetValues(MeshHeaders.Fault), Is.EqualTo(new[] { "bandwidth" }));
        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(190)), "three parts, and a tenth of a second after each but the last");
    }

    [TestCase(true, true)]
    [TestCase(false, false)]
    public async Task Order_OfAPeer_IsCarriedOutWhereItIsAllowed(bool allowed, bool carriedOut)
    {
        await using var app = await StartAsync(("Faults:0:Fault:FromHeaders", allowed ? "true" : "false"), ("Faults:0:Fault:Delay:FixedDelay", "1ms"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders") { Headers = { { MeshHeaders.FaultAbort, "418" } } };

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(carriedOut ? (HttpStatusCode)418 : HttpStatusCode.OK));
    }

    [Test]
    public async Task Order_OfAStranger_IsNot()
    {
        await using var app = await StartAsync(("Faults:0:Fault:FromHeaders", "true"), ("PeerAuthentication", "Permissive"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders") { Headers = { { MeshHeaders.FaultAbort, "418" } } };

        using var response = await app.Plaintext().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Fault_IsCounted()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:HttpStatus", "418"), ("Faults:0:Fault:Delay:FixedDelay", "1ms"));
        using var counted = new CounterRecorder(app.Services.GetRequiredService<IMeterFactory>(), MeshServerTelemetry.FaultsName);

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        Assert.That(counted.Values("mesh.fault"), Is.EqualTo(new[] { "delay, abort" }));
    }

    [Test]
    public async Task Reload_FaultGone_IsServedAgain()
    {
        await using var app = await StartAsync(("Faults:0:Fault:Abort:HttpStatus", "418"));
        app.Reconfigure(("Faults:0:Fault:Abort:Percent", "0"));

        using var response = await app.Peer().GetAsync(new Uri("/orders", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Start_WrongFaultsOrProduction_NamesThem()
    {
        var (app, log) = ServedApp.Build(static _ => { }, [
            ("Faults:0:Fault:Abort:HttpStatus", "500"), ("Faults:1:Paths:0", "orders"), ("Faults:1:Methods:0", "GET"), ("Faults:2:Fault:Delay:Percent", "5")]);
        await using (app)
        using (log)
        {
            var error = await Assert.ThrowsAsync<MeshConfigurationException>(() => app.StartAsync());

            Assert.That(error!.Errors, Has.Some.StartsWith("Mesh:Server:Faults:0:Fault: found a fault, which is refused in the environment 'Production'; set Mesh:Faults:AllowInProduction"));
            Assert.That(error.Errors, Has.Some.StartsWith("Mesh:Server:Faults:1:Paths:0: found 'orders'"));
            Assert.That(error.Errors, Has.Some.StartsWith("Mesh:Server:Faults:1:Fault: found ''"));
            Assert.That(error.Errors, Has.Some.StartsWith("Mesh:Server:Faults:2:Fault:Delay:FixedDelay: found ''"));
        }
    }

    private Task<ServedApp> StartAsync(params (string Key, string? Value)[] settings) => ServedApp.StartAsync(
        app =>
        {
            var body = new string('x', 30_000);
            app.MapMeshHealth();
            app.MapGet("/stream", http => http.Response.WriteAsync(body));
            app.MapGet("/pipe", http =>
            {
                // Left to the server to flush.
                http.Response.BodyWriter.Write(System.Text.Encoding.ASCII.GetBytes(body));
                return Task.CompletedTask;
            });
            app.MapGet("/file", async http =>
            {
                var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.txt");
                await File.WriteAllTextAsync(file, body);
                await http.Response.SendFileAsync(file);
                File.Delete(file);
            });
            app.MapFallback(http =>
            {
                Interlocked.Increment(ref _served);
                return http.Response.WriteAsync("ok");
            });
        },
        settings,
        static builder => builder.Configuration["Mesh:Faults:AllowInProduction"] = "true");
}
