using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Configuration;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Authorization;

/// <summary>Documents with the action <c>Custom</c>, asked over HTTP, of a real server.</summary>
internal sealed class HttpAuthorizerTests
{
    private Func<HttpContext, Task> _answer = static _ => Task.CompletedTask;
    private WebApplication _authorizer = null!;
    private string _url = "";

    [SetUp]
    public async Task StartAuthorizerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _authorizer = builder.Build();
        _authorizer.Run(http => _answer(http));
        await _authorizer.StartAsync();
        _url = _authorizer.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    [TearDown]
    public async Task StopAuthorizerAsync() => await _authorizer.DisposeAsync();

    [Test]
    public async Task Asked_WithMethodPathAndListedFields_WithoutTheBody()
    {
        string? question = null;
        _answer = async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            question = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} {http.Request.Headers.Authorization} {http.Request.Headers["x-tenant"]} "
                + $"{http.Request.Headers.Cookie} [{await body.ReadToEndAsync()}] {http.Request.Headers["x-forwarded-host"].ToString().Length > 0}";
        };
        await using var app = await StartAsync(("IncludeRequestHeaders:0", "Authorization"), ("IncludeRequestHeaders:1", "X-Tenant"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders/a%20b?q=1%2F2") { Content = new StringContent("secret") };
        request.Headers.Add("Authorization", "Basic abc");
        request.Headers.Add("X-Tenant", "t1");
        request.Headers.Add("Cookie", "c=1");

        using var response = await app.Peer().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(question, Is.EqualTo("POST /check/orders/a%20b?q=1%2F2 Basic abc t1  [] True"));
    }

    [Test]
    public async Task Allows_FieldsForTheApplicationAreSet()
    {
        _answer = static http =>
        {
            http.Response.Headers["X-User"] = "alice";
            http.Response.Headers["X-Other"] = "no";
            return Task.CompletedTask;
        };
        await using var app = await StartAsync(("HeadersToUpstream:0", "X-User"));

        Assert.That(await app.Peer().GetStringAsync("/orders/1"), Is.EqualTo("1 alice "));
    }

    [TestCase("/orders/1", "1  ")]
    [TestCase("/free", "free ")]
    public async Task CallersOwnFields_UnderTheNamesOfTheAuthorizer_AreRemoved(string path, string expected)
    {
        await using var app = await StartAsync(("HeadersToUpstream:0", "X-User"));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("x-user", "root");

        using var response = await app.Peer().SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Denies_StatusListedFieldsAndBodyReachTheCaller()
    {
        _answer = static http =>
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = "Digest";
            http.Response.Headers["X-Internal"] = "secret";
            http.Response.ContentType = "text/plain";
            return http.Response.WriteAsync("who are you?");
        };
        await using var app = await StartAsync();

        using var response = await app.Peer().GetAsync("/orders/1");

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Unauthorized, "who are you?")));
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Digest"));
        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain"));
        Assert.That(response.Headers.Contains("X-Internal"), Is.False);
    }

    [Test]
    public async Task Denies_WithAHugeBody_ItIsCutOff()
    {
        _answer = static http =>
        {
            http.Response.StatusCode = 403;
            return http.Response.WriteAsync(new string('x', 1_000_000));
        };
        await using var app = await StartAsync();

        Assert.That(await (await app.Peer().GetAsync("/orders/1")).Content.ReadAsByteArrayAsync(), Has.Length.EqualTo(64 * 1024));
    }

    [Test]
    public async Task Redirects_ToTheLoginPage_TheCallerIsRedirected()
    {
        _answer = static http =>
        {
            http.Response.Redirect("https://login.example/");
            return Task.CompletedTask;
        };
        await using var app = await StartAsync();
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { ClientCertificateContext = ServedApp.Authority.Issue("storefront").CertificateContext, RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        };
        using var client = new HttpClient(handler) { BaseAddress = app.Https };

        using var response = await client.GetAsync("/orders/1");

        Assert.That((response.StatusCode, response.Headers.Location), Is.EqualTo((HttpStatusCode.Redirect, new Uri("https://login.example/"))));
    }

    [TestCase(500, null, 503, "authorizer-unavailable")]
    [TestCase(503, "403", 403, "access-denied")]
    public async Task Fails_AnswersTheConfiguredStatus(int answered, string? statusOnError, int status, string reason)
    {
        _answer = http =>
        {
            http.Response.StatusCode = answered;
            return Task.CompletedTask;
        };
        await using var app = await StartAsync(("StatusOnError", statusOnError));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, (HttpStatusCode)status, reason);
        Assert.That(app.Log.At(LogLevel.Warning), Has.Some.Contains("Authorizer 'edge' could not be asked; the request is refused."));
    }

    [Test]
    public async Task Fails_WithFailOpen_TheRequestGoesOn()
    {
        _answer = static http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await using var app = await StartAsync(("FailOpen", "true"));

        Assert.That(await app.Peer().GetStringAsync("/orders/1"), Is.EqualTo("1  "));
    }

    [Test]
    public async Task Hangs_TimesOut()
    {
        _answer = static http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await using var app = await StartAsync(("Timeout", "100ms"));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "authorizer-unavailable");
    }

    [Test]
    public async Task HangsInMidBody_TimesOut()
    {
        _answer = static async http =>
        {
            http.Response.StatusCode = 403;
            http.Response.ContentLength = 100;
            await http.Response.WriteAsync("begun");
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        await using var app = await StartAsync(("Timeout", "200ms"));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "authorizer-unavailable");
    }

    [TestCase("")]
    [TestCase("SSH-2.0-OpenSSH\r\n")]
    [TestCase("HTTP/1.1 200")]
    public async Task SpeaksGarbage_FailsClosed(string garbage)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(garbage));
            }
        });
        await using var app = await StartAsync(("Url", $"http://{listener.LocalEndpoint}"));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "authorizer-unavailable");
        listener.Stop();
        Assert.That(async () => await serving, Throws.Exception);
    }

    [TestCase("Url", "authorizer", "Authorizers:edge:Url: found 'authorizer'")]
    [TestCase("Url", "http://a/b", "Authorizers:edge:Url: found 'http://a/b'")]
    [TestCase("PathPrefix", "check", "Authorizers:edge:PathPrefix: found 'check'")]
    [TestCase("Timeout", "5m", "Authorizers:edge:Timeout: found '00:05:00'")]
    [TestCase("StatusOnError", "200", "Authorizers:edge:StatusOnError: found '200'")]
    [TestCase("Secret", "x", "Authorizers:edge:Secret: there is no such setting")]
    public void Start_WithAMistake_NamesTheField(string field, string value, string error) => Assert.That(
        async () => await StartAsync((field, value)),
        Throws.TypeOf<MeshConfigurationException>().With.Message.Contains(error));

    private Task<ServedApp> StartAsync(params (string Key, string? Value)[] settings) => ServedApp.StartAsync(
        static app =>
        {
            app.Map("/orders/{id}", static (string id, HttpContext http) => $"{id} {http.Request.Headers["X-User"]} {http.Request.Headers["X-Other"]}");
            app.MapGet("/free", static (HttpContext http) => $"free {http.Request.Headers["X-User"]}");
        },
        // A setting of the test's own replaces the usual one.
        new (string Key, string? Value)[]
        {
            ("Authorization:ask:Action", "Custom"),
            ("Authorization:ask:Provider:Name", "edge"),
            ("Authorization:ask:Rules:0:To:0:Paths:0", "/orders/*"),
            ("Authorizers:edge:Url", _url),
            ("Authorizers:edge:PathPrefix", "/check"),
        }.Concat(settings.Select(static setting => (Key: $"Authorizers:edge:{setting.Key}", setting.Value))).Reverse().DistinctBy(static setting => setting.Key));
}
