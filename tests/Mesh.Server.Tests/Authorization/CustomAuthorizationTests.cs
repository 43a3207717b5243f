using System.Net;
using Mesh.Configuration;
using Mesh.Server.Authorization;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Authorization;

/// <summary>Documents with the action <c>Custom</c>, asked in the process.</summary>
internal sealed class CustomAuthorizationTests
{
    [Test]
    public async Task Authorizer_Allows_TheRequestGoesOn()
    {
        await using var app = await StartAsync(static (http, _) =>
            new(http.Features.Get<MeshRequest>() is { Peer.ServiceAccount: "storefront", Path: "/orders/1" } ? AuthorizerDecision.Allow : AuthorizerDecision.Deny));

        Assert.That(await app.Peer().GetStringAsync("/orders/1"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Authorizer_Denies_AnswersAccessDenied()
    {
        await using var app = await StartAsync(static (_, _) => new(AuthorizerDecision.Deny));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "access-denied");
    }

    [Test]
    public async Task Authorizer_DeniesWithAProblemOfItsOwn_AnswersThat()
    {
        await using var app = await StartAsync(static (_, _) => new(AuthorizerDecision.DenyWith(new MeshProblem(402, "payment-required", "Pay first."))));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.PaymentRequired, "payment-required");
    }

    [Test]
    public async Task Authorizer_DeniesWithAResponse_AnswersThat()
    {
        await using var app = await StartAsync(static (_, _) => new(AuthorizerDecision.DenyWith(static http =>
        {
            http.Response.StatusCode = 418;
            return http.Response.WriteAsync("tea");
        })));

        using var response = await app.Peer().GetAsync("/orders/1");

        Assert.That(((int)response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((418, "tea")));
    }

    [Test]
    public async Task Authorizer_Throws_FailsClosed()
    {
        await using var app = await StartAsync(static (_, _) => throw new InvalidOperationException("on purpose"));

        using var response = await app.Peer().GetAsync("/orders/1");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "authorizer-unavailable");
        Assert.That(app.Log.At(LogLevel.Error), Has.Exactly(1).Contains("Authorizer 'risk' threw"));
    }

    [Test]
    public async Task Request_ThatNoCustomDocumentMatches_IsNotAskedAbout()
    {
        await using var app = await StartAsync(static (_, _) => throw new InvalidOperationException("not to be asked"));

        Assert.That(await app.Peer().GetStringAsync("/free"), Is.EqualTo("free"));
    }

    [Test]
    public async Task Authorizer_Allows_DenyingDocumentStillRefuses()
    {
        await using var app = await StartAsync(
            static (_, _) => new(AuthorizerDecision.Allow),
            ("Authorization:no:Action", "Deny"),
            ("Authorization:no:Rules:0:To:0:Paths:0", "/orders/2"));

        using var response = await app.Peer().GetAsync("/orders/2");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "access-denied");
    }

    [Test]
    public void Start_WithANameNobodyKnows_NamesTheField() => Assert.That(
        async () => await ServedApp.StartAsync(
            static _ => { },
            [("Authorization:ask:Action", "Custom"), ("Authorization:ask:Provider:Name", "nobody"), ("Authorization:ask:Rules:0:To:0:Paths:0", "/a")]),
        Throws.TypeOf<MeshConfigurationException>().With.Message.Contains("Mesh:Server:Authorization:ask:Provider:Name: found 'nobody'"));

    private static Task<ServedApp> StartAsync(
        Func<HttpContext, CancellationToken, ValueTask<AuthorizerDecision>> decide,
        params (string, string?)[] settings) => ServedApp.StartAsync(
        static app =>
        {
            app.MapGet("/orders/{id}", static (string id) => id);
            app.MapGet("/free", static () => "free");
        },
        [
            .. settings,
            ("Authorization:ask:Action", "Custom"),
            ("Authorization:ask:Provider:Name", "risk"),
            ("Authorization:ask:Rules:0:To:0:Paths:0", "/orders/*"),
        ],
        builder => builder.Services.AddMeshAuthorizer("risk", decide));
}
