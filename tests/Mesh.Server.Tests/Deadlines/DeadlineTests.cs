using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Deadlines;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DeadlineTests
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [TestCase(1)]
    [TestCase(2)]
    public async Task ApplicationIgnoresItsToken_CallerIsAnsweredAtOnce(int version)
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/deaf", "100m", version);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
        Assert.That(_outcome.Task.IsCompleted, Is.False, "the application is still at work");
        _release.SetResult();
        Assert.That(await _outcome.Task, Is.EqualTo(nameof(OperationCanceledException)));
    }

    [Test]
    public async Task ApplicationHeedsItsToken_CallerIsAnsweredByTheDeadline()
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/heedful", "100m");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
        Assert.That(await _outcome.Task, Is.EqualTo(nameof(TaskCanceledException)));
    }

    [TestCase("/deaf")]
    [TestCase("/deaf-pipe")]
    [TestCase("/deaf-start")]
    [TestCase("/deaf-headers")]
    public async Task LateWrite_SecondRequestOnTheConnection_IsUntouched(string path)
    {
        await using var app = await StartAsync();
        using var late = await SendAsync(app, path, "100m", version: 2);
        _release.SetResult();
        await _outcome.Task;

        using var next = await SendAsync(app, "/quick", "5S", version: 2);

        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(await next.Content.ReadAsStringAsync(), Is.EqualTo("quick"));
        Assert.That(next.Headers.Contains("poison"), Is.False);
    }

    [TestCase("/deaf")]
    [TestCase("/deaf-pipe")]
    public async Task LateWrite_OverHttp11_NothingFollowsTheAnswerOnTheWire(string path)
    {
        await using var app = await StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, app.Https.Port);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "orders",
            ClientCertificateContext = ServedApp.Authority.Issue("storefront").CertificateContext,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: orders\r\nmesh-timeout: 100m\r\n\r\nGET /quick HTTP/1.1\r\nHost: orders\r\n\r\n"));
        var buffer = new byte[4096];
        var first = Encoding.ASCII.GetString(buffer, 0, await tls.ReadAsync(buffer));

        _release.SetResult();
        await _outcome.Task;
        using var rest = new StreamReader(tls, Encoding.ASCII);
        var all = first + await rest.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.That(all, Does.StartWith("HTTP/1.1 504 ").And.Contain("Connection: close").And.EndWith("}"));
        Assert.That(all, Does.Not.Contain("poison").And.Not.Contain("quick"));
    }

    [Test]
    public async Task DeadlineHasPassed_ApplicationIsNotAsked()
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/deaf", "0m");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
        Assert.That(_entered.Task.IsCompleted, Is.False);
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task ResponseHasStarted_RequestTimeout_BreaksItOff(int version)
    {
        await using var app = await StartAsync(("RequestTimeout", "00:00:00.300"));
        using var response = await SendAsync(app, "/streaming", "200m", version);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(async () => await response.Content.ReadAsStringAsync(), Throws.InstanceOf<Exception>());
        Assert.That(await _outcome.Task, Is.EqualTo(nameof(TaskCanceledException)));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task ResponseHasStarted_MeshTimeout_LetsItGoOn(int version)
    {
        await using var app = await StartAsync();
        using var response = await SendAsync(app, "/download", "200m", version);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("begun, until none, and done"));
    }

    [Test]
    public async Task RequestTimeout_WithoutAnyField_Holds()
    {
        await using var app = await StartAsync(("RequestTimeout", "00:00:00.100"));

        using var response = await SendAsync(app, "/heedful", null);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.GatewayTimeout, "deadline-exceeded");
    }

    [TestCase("Permissive")]
    [TestCase("Disabled")]
    public async Task StrangersFields_AreNeitherHeededNorPassedOn(string mode)
    {
        await using var app = await StartAsync(("PeerAuthentication", mode));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/context");
        request.Headers.Add("mesh-timeout", "1m");
        request.Headers.Add("Mesh-Attempt", "7");
        request.Headers.Add("mesh-anything", "x");
        request.Headers.Add("x-envoy-expected-rq-timeout-ms", "1");

        using var response = await app.Anonymous().SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("deadline: none, attempt: 1, mesh fields: 0"));
    }

    [Test]
    public async Task PeersFields_AreTheContext()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/context");
        request.Headers.Add("mesh-timeout", "10S");
        request.Headers.Add("mesh-attempt", "2");

        using var response = await app.Peer().SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("deadline: set, attempt: 2, mesh fields: 2"));
    }

    [Test]
    public async Task Context_DoesNotLeakIntoTheNextRequest()
    {
        await using var app = await StartAsync();
        var client = app.Peer();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/context");
        request.Headers.Add("mesh-attempt", "2");
        using var first = await client.SendAsync(request);

        Assert.That(await client.GetStringAsync("/context"), Is.EqualTo("deadline: none, attempt: 1, mesh fields: 0"));
    }

    [TestCase("/quick", "quick")]
    [TestCase("/json", "{\"answer\":42}")]
    [TestCase("/stream", "onetwo")]
    public async Task InTime_AnswerIsTheApplications(string path, string expected)
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, path, "10S");

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, expected)));
    }

    [TestCase("99999999H")]
    [TestCase("99999999M")]
    [TestCase("1H")]
    public async Task DeadlineFarAway_IsNoObstacle(string timeout)
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/quick", timeout);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task ApplicationFailsInTime_IsAnInternalError()
    {
        await using var app = await StartAsync();

        using var response = await SendAsync(app, "/throw", "10S");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [Test]
    public async Task ApplicationEndsAtTheDeadline_NoAnswerIsAMixture()
    {
        await using var app = await StartAsync();
        var client = app.Peer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/race") { Version = HttpVersion.Version20 };
            request.Headers.Add("mesh-timeout", "20m");
            try
            {
                using var response = await client.SendAsync(request);
                return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            }
            catch (HttpRequestException)
            {
                // Broken off between its first byte and its last.
                return "broken off";
            }
        }));

        Assert.That(answers, Is.All.EqualTo("200 race").Or.EqualTo("broken off").Or.Match("^504 {.*}$"));
    }

    [Test]
    public async Task GrpcCall_GetsItsOwnStatus()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/deaf") { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.Add("grpc-timeout", "100m");

        using var response = await app.Peer().SendAsync(request);
        _release.SetResult();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "4" }));
    }

    private Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(Map, settings);

    private static async Task<HttpResponseMessage> SendAsync(ServedApp app, string path, string? timeout, int version = 1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Version = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (timeout is not null)
        {
            request.Headers.Add("mesh-timeout", timeout);
        }

        return await app.Peer().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private void Map(WebApplication app)
    {
        Endpoint("/deaf", async http =>
        {
            await _release.Task;
            await http.Response.WriteAsync("poison");
        });
        Endpoint("/deaf-pipe", async http =>
        {
            await _release.Task;
            http.Response.BodyWriter.GetMemory(10);
        });
        Endpoint("/deaf-start", async http =>
        {
            await _release.Task;
            await http.Response.StartAsync(CancellationToken.None);
        });
        Endpoint("/deaf-headers", async http =>
        {
            await _release.Task;
            http.Response.StatusCode = 200;
            http.Response.Headers["poison"] = "x";
            http.Response.Clear();
        });
        Endpoint("/heedful", static http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        Endpoint("/streaming", static async http =>
        {
            await http.Response.WriteAsync("begun");
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        app.MapGet("/download", static async http =>
        {
            await http.Response.WriteAsync("begun");
            await http.Response.Body.FlushAsync();
            await Task.Delay(500, http.RequestAborted);
            await http.Response.WriteAsync($", until {(MeshContext.Current!.Deadline.IsNone ? "none" : "some time")}, and done");
        });
        app.MapGet("/context", static (HttpContext http) =>
            $"deadline: {(MeshContext.Current!.Deadline.IsNone ? "none" : "set")}, attempt: {MeshContext.Current.Attempt}, "
            + $"mesh fields: {http.Request.Headers.Keys.Count(static name => name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase))}");
        app.MapGet("/quick", static () => "quick");
        app.MapGet("/json", static () => TypedResults.Json(new { answer = 42 }));
        app.MapGet("/stream", static async (HttpContext http) =>
        {
            await http.Response.Body.WriteAsync("one"u8.ToArray());
            await http.Response.BodyWriter.WriteAsync("two"u8.ToArray());
        });
        app.MapGet("/throw", static string () => throw new InvalidOperationException("on purpose"));
        app.MapGet("/race", static async () =>
        {
            await Task.Delay(15 + Random.Shared.Next(10));
            return "race";
        });

        void Endpoint(string path, Func<HttpContext, Task> serve) => app.Map(path, async (HttpContext http) =>
        {
            _entered.SetResult();
            try
            {
                await serve(http);
                _outcome.TrySetResult("served");
            }
            catch (Exception exception)
            {
                _outcome.TrySetResult(exception.GetType().Name);
                throw;
            }
        });
    }
}
