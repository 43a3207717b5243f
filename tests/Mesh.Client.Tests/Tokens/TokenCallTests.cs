using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Tokens;

/// <summary>Which calls carry which token, and what a refusal leads to.</summary>
public sealed class TokenCallTests
{
    private static readonly Uri Orders = new("https://orders/");

    private readonly ScriptedTokens _tokens = new(TimeProvider.System);

    [Test]
    public async Task SendAsync_ServiceWithToken_CarriesItInEveryAttemptAndOnlyThere()
    {
        using var stub = new StubHandler(seen => new HttpResponseMessage(seen.Number == 1 ? HttpStatusCode.BadGateway : HttpStatusCode.OK));
        await using var host = Host(stub, """{ "orders": { "AccessToken": { "Source": "scripted", "Scopes": [ "a", "b" ], "Audience": "them", "Resource": "https://orders" } }, "catalog": {} }""");
        using var request = new HttpRequestMessage(HttpMethod.Get, Orders);

        (await host.CreateClient().SendAsync(request)).Dispose();
        (await host.CreateClient().GetAsync(new Uri("https://catalog/"))).Dispose();
        (await host.CreateClient().GetAsync(new Uri("https://elsewhere.example/"))).Dispose();

        Assert.That(stub.Requests.Select(Sent), Is.EqualTo(["Bearer token-1", "Bearer token-1", null, null]));
        Assert.That(request.Headers.Authorization, Is.Null, "the caller's request is as it was");
        var wanted = _tokens.Requests.Single();
        Assert.That((wanted.Service, string.Join('+', wanted.Scopes), wanted.Audience, wanted.Resource), Is.EqualTo(("orders", "a+b", "them", "https://orders")));
    }

    [TestCase("true", "Bearer token-1")]
    [TestCase("false", "Basic mine")]
    public async Task SendAsync_FieldOfTheApplication_IsReplacedUnlessToBeLeft(string overwrite, string expected)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(stub, Settings($$"""{ "Source": "Scripted", "Overwrite": {{overwrite}} }"""));
        using var request = new HttpRequestMessage(HttpMethod.Get, Orders) { Headers = { Authorization = new AuthenticationHeaderValue("Basic", "mine") } };

        (await host.CreateClient().SendAsync(request)).Dispose();

        Assert.That(Sent(stub.Requests.Single()), Is.EqualTo(expected));
        Assert.That(request.Headers.Authorization!.ToString(), Is.EqualTo("Basic mine"));
    }

    [Test]
    public async Task SendAsync_Refused_RepeatsOnceWithAnotherToken()
    {
        using var stub = new StubHandler(seen => new HttpResponseMessage(Sent(seen) == "Bearer token-1" ? HttpStatusCode.Unauthorized : HttpStatusCode.OK));
        await using var host = Host(stub, Settings("""{ "Source": "Scripted" }"""));

        using var response = await host.CreateClient().PostAsJsonAsync(Orders, new { Id = 7 });
        using var next = await host.CreateClient().GetAsync(Orders);

        Assert.That((response.StatusCode, next.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(stub.Requests.Select(Sent), Is.EqualTo(["Bearer token-1", "Bearer token-2", "Bearer token-2"]));
        Assert.That(stub.Requests[1].Body, Is.EqualTo("""{"id":7}"""), "a POST that was refused has done nothing");
        Assert.That(stub.Requests[1].Headers[MeshHeaders.Attempt], Is.EqualTo("2"));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(2), "the refusal is disposed");
    }

    [Test]
    public async Task SendAsync_EveryTokenRefused_AsksForOneMoreAndLeavesItAtThat()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.Unauthorized);
        await using var host = Host(stub, Settings("""{ "Source": "Scripted" }"""));

        for (var i = 0; i < 5; i++)
        {
            using var response = await host.CreateClient().GetAsync(Orders);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        Assert.That(_tokens.Asked, Is.EqualTo(2));
        Assert.That(stub.Requests, Has.Count.EqualTo(6));
    }

    [Test]
    public async Task SendAsync_RefusedGrpc_RepeatsOnceWithAnotherToken()
    {
        using var stub = new StubHandler(seen => new HttpResponseMessage(HttpStatusCode.OK) { Headers = { { "grpc-status", Sent(seen) == "Bearer token-1" ? "16" : "0" } } });
        await using var host = Host(stub, Settings("""{ "Source": "Scripted" }"""));

        using var response = await host.CreateClient().GetAsync(Orders);

        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(["0"]));
    }

    [Test]
    public async Task SendAsync_RefusedBodyThatIsGone_GivesTheRefusal()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.Unauthorized, HttpStatusCode.OK);
        await using var host = Host(stub, """{ "orders": { "AccessToken": { "Source": "Scripted" }, "Retry": { "MaxBodyBytes": 0 } } }""");
        using var body = new StreamContent(new MemoryStream([1, 2, 3]));

        using var response = await host.CreateClient().PostAsync(Orders, body);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_NoTokenToBeHad_FailsBeforeAnythingIsSentAndSaysWhy()
    {
        _tokens.Before = static _ => throw new InvalidOperationException("secret-of-the-source");
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(stub, Settings("""{ "Source": "Scripted" }"""));

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Orders));

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.NoAccessToken));
        Assert.That(exception.Message, Is.EqualTo("No access token for service 'orders': Source 'Scripted' failed with InvalidOperationException. (Mesh:Client:Services:orders:AccessToken)"));
        Assert.That(exception.InnerException, Is.TypeOf<InvalidOperationException>());
        Assert.That(exception.RetryAfter, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(stub.Requests, Is.Empty);
        Assert.That(host.Log.Mesh, Has.One.Contains("No new access token for service orders").And.None.Contains("secret-of-the-source"));
        Assert.That(host.State.GetServices().Single().AccessToken!.Failure, Does.Contain("failed with InvalidOperationException"));
    }

    [Test]
    public async Task SendAsync_SlowSource_EndsWithTheCallAndNotWithTheFetch()
    {
        var finish = new TaskCompletionSource();
        _tokens.Before = _ => finish.Task;
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(stub, """{ "orders": { "Timeout": "100ms", "AccessToken": { "Source": "Scripted" } } }""");

        var late = await Assert.ThrowsAsync<TaskCanceledException>(() => host.CreateClient().GetAsync(Orders));
        finish.SetResult();
        await Eventually.UntilAsync(() => host.Service("orders").Tokens!.View().ExpiresIn is not null);
        (await host.CreateClient().GetAsync(Orders)).Dispose();

        Assert.That(late!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(late.Message, Does.Contain("access token").And.Contain("'orders'"));
        Assert.That(_tokens.Asked, Is.EqualTo(1));
    }

    [TestCase("10.0.0.1:80", "false", false)]
    [TestCase("10.0.0.1:80", "true", true)]
    [TestCase("127.0.0.1:80", "false", true)]
    [TestCase("[::1]:80", "false", true)]
    [TestCase("localhost:80", "false", true)]
    public async Task SendAsync_Plaintext_OnlyToThisMachineUnlessAllowed(string address, string allowed, bool isSent)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(
            Given.Services($$"""{ "orders": { "http": [ "{{address}}" ] } }""", Settings($$"""{ "Source": "Scripted", "AllowPlaintext": {{allowed}} }""")),
            stub,
            configure: services => services.AddSingleton<IAccessTokenSource>(_tokens));
        var sending = host.CreateClient().GetAsync(new Uri("http://orders/"));

        if (isSent)
        {
            (await sending).Dispose();
            Assert.That(Sent(stub.Requests.Single()), Is.EqualTo("Bearer token-1"));
        }
        else
        {
            var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => sending);
            Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.PlaintextForbidden));
            Assert.That(exception.Message, Does.Contain("Mesh:Client:Services:orders:AccessToken:AllowPlaintext"));
            Assert.That(stub.Requests, Is.Empty);
            Assert.That(_tokens.Asked, Is.Zero);
        }
    }

    [Test]
    public async Task SendAsync_PassThrough_CarriesTheTokenOfItsOwnRequest()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(stub, """{ "orders": { "AccessToken": { "Source": "PassThrough" } }, "catalog": {} }""");
        foreach (var caller in new[] { "alice", "bob" })
        {
            using var context = MeshContext.Use(new MeshContext { CallerToken = new CallerToken(caller) });
            (await host.CreateClient().GetAsync(Orders)).Dispose();
            (await host.CreateClient().GetAsync(new Uri("https://catalog/"))).Dispose();
        }

        Assert.That(stub.Requests.Select(Sent), Is.EqualTo(["Bearer alice", null, "Bearer bob", null]), "only to the service that asked");
    }

    [Test]
    public async Task SendAsync_PassThroughRefused_IsNotRepeated()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.Unauthorized);
        await using var host = Host(stub, Settings("""{ "Source": "PassThrough" }"""));
        using var context = MeshContext.Use(new MeshContext { CallerToken = new CallerToken("alice") });

        (await host.CreateClient().GetAsync(Orders)).Dispose();

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_NoCaller_IsRefusedUnlessToGoWithout()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(stub, """{ "orders": { "AccessToken": { "Source": "PassThrough" } }, "catalog": { "AccessToken": { "Source": "PassThrough", "WithoutCaller": "Anonymous" } } }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Orders));
        (await host.CreateClient().GetAsync(new Uri("https://catalog/"))).Dispose();

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.NoAccessToken));
        Assert.That(exception.Message, Does.Contain("PassThrough").And.Contain("Mesh:Client:Services:orders:AccessToken:WithoutCaller"));
        Assert.That(Sent(stub.Requests.Single()), Is.Null);
    }

    [Test]
    public async Task SendAsync_SourcePerCaller_KeepsTheTokensOfCallersApart()
    {
        var tokens = new ScriptedTokens(TimeProvider.System) { UsesCallerToken = true };
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Addresses(Settings("""{ "Source": "Scripted" }""")), stub, configure: services => services.AddSingleton<IAccessTokenSource>(tokens));
        foreach (var caller in new[] { "alice", "bob", "alice", "bob" })
        {
            using var context = MeshContext.Use(new MeshContext { CallerToken = new CallerToken(caller) });
            (await host.CreateClient().GetAsync(Orders)).Dispose();
        }

        Assert.That(stub.Requests.Select(Sent), Is.EqualTo(["Bearer token-1", "Bearer token-2", "Bearer token-1", "Bearer token-2"]));
        Assert.That(tokens.Requests.Select(static request => request.Caller!.Value), Is.EqualTo(["alice", "bob"]));
        Assert.That(host.State.GetServices().Single().AccessToken!.Callers, Is.EqualTo(2));
    }

    private static string? Sent(StubHandler.Seen seen) => seen.Headers.GetValueOrDefault("Authorization");

    private static string Settings(string token) => $$"""{ "orders": { "AccessToken": {{token}} } }""";

    private static string Addresses(string settings) => Given.Services("""{ "orders": { "https": [ "10.0.0.1:1" ] }, "catalog": { "https": [ "10.0.0.2:2" ] } }""", settings);

    private ClientHost Host(StubHandler stub, string settings) =>
        new(Addresses(settings), stub, configure: services => services.AddSingleton<IAccessTokenSource>(_tokens));
}
