using System.Net;
using System.Text;
using Mesh.Client.Policy;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Calls;

/// <summary>What is repeated, as the policy words it, and what the callee may say about that.</summary>
public sealed class RetryConditionTests
{
    private const string Unhurried = """ "Backoff": "1ms", "MaxBackoff": "1ms" """;
    private static readonly Uri Uri = new("https://orders/items");

    [TestCase("404", HttpStatusCode.NotFound, 2)]
    [TestCase("404", HttpStatusCode.ServiceUnavailable, 1)]
    [TestCase("503", HttpStatusCode.ServiceUnavailable, 2)]
    public async Task SendAsync_ConditionsGiven_DecideAlone(string condition, HttpStatusCode status, int attempts)
    {
        using var stub = StubHandler.Answering(status, HttpStatusCode.OK);
        await using var host = new ClientHost(On(condition), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(attempts));
    }

    [Test]
    public async Task SendAsync_ConditionMatches_StillRepeatsNothingThatIsNotIdempotent()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(On("503"), stub);

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_NotSent_IsRepeatedWhateverTheConditions()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? throw Given.NotSent() : new HttpResponseMessage());
        await using var host = new ClientHost(On("503"), stub);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task SendAsync_DeclaredIdempotent_IsRepeated()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Idempotent": [ "POST /items" ] } }"""), stub);

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));
        using var other = await host.CreateClient().PostAsync(new Uri("https://orders/other"), new StringContent("x"));

        Assert.That(stub.Requests.Select(static seen => seen.Uri.AbsolutePath), Is.EqualTo(new[] { "/items", "/items", "/other" }));
    }

    [Test]
    public async Task SendAsync_ProblemTypeMatches_IsRepeatedAndTheLastBodyIsWhole()
    {
        var problem = $$"""{"type":"https://shop.example/busy","detail":"{{new string('x', 20_000)}}"}""";
        using var stub = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.Conflict)
        {
            Content = new StringContent(problem, Encoding.UTF8, "application/problem+json"),
        });
        await using var host = new ClientHost(On("problem:https://shop.example/busy"), stub);

        using var response = await host.CreateClient().GetAsync(Uri, HttpCompletionOption.ResponseHeadersRead);

        Assert.That(stub.Requests, Has.Count.EqualTo(3));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(problem));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(stub.UndisposedResponses, Is.EqualTo(1));
    }

    [TestCase(true, 3)]
    [TestCase(false, 1)]
    [TestCase(null, 1)]
    public async Task SendAsync_ApplicationsJudgement_WinsOverTheRest(bool? judgement, int attempts)
    {
        List<(CallOutcome, int)> asked = [];
        using var stub = StubHandler.Answering(HttpStatusCode.NotFound);
        await using var host = new ClientHost(Given.Orders($$"""{ "Retry": { {{Unhurried}} } }"""), stub, configure: services => services.AddMeshClient(options =>
            Orders(options).Retry.When = attempt =>
            {
                Assert.That(attempt.Response!.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
                Assert.That(attempt.Request.RequestUri, Is.EqualTo(Uri));
                Assert.That(attempt.Exception, Is.Null);
                asked.Add((attempt.Outcome, attempt.Number));
                return judgement;
            }));

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(attempts));
        Assert.That(asked[0], Is.EqualTo((CallOutcome.Success, 1)));
    }

    [Test]
    public async Task SendAsync_ApplicationsJudgement_CannotRepeatWhatIsNotIdempotent()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = new ClientHost(Given.Orders(), stub, configure: static services => services.AddMeshClient(static options => Orders(options).Retry.When = static _ => true));

        using var response = await host.CreateClient().PostAsync(Uri, new StringContent("x"));

        Assert.That(stub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SendAsync_CalleeHasRetried_IsNotMultiplied()
    {
        using var stub = new StubHandler(static _ =>
        {
            var response = Given.Response(HttpStatusCode.ServiceUnavailable);
            response.Headers.Add(MeshHeaders.Retried, "1");
            return response;
        });
        await using var host = new ClientHost(Given.Orders(), stub);
        var context = new MeshContext();
        using var ambient = MeshContext.Use(context);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(stub.Requests, Has.Count.EqualTo(1));
        Assert.That(context.HasRetried, Is.True, "and nobody above shall");
    }

    [Test]
    public async Task SendAsync_WhileServingARepetition_IsNotRepeatedUnlessNotSent()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? throw Given.NotSent() : Given.Response(HttpStatusCode.ServiceUnavailable));
        await using var host = new ClientHost(Given.Orders(), stub);
        var context = new MeshContext { Attempt = 2 };
        using var ambient = MeshContext.Use(context);

        using var response = await host.CreateClient().GetAsync(Uri);

        Assert.That(stub.Requests, Has.Count.EqualTo(2));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [TestCase("GET", HttpStatusCode.ServiceUnavailable, true)]
    [TestCase("POST", HttpStatusCode.ServiceUnavailable, false)]
    [TestCase("GET", HttpStatusCode.NotFound, false)]
    [TestCase("GET", HttpStatusCode.OK, false)]
    public async Task SendAsync_FailedForGood_TellsTheRequestBeingServed(string method, HttpStatusCode status, bool expected)
    {
        using var stub = StubHandler.Answering(status);
        await using var host = new ClientHost(Given.Orders(), stub);
        var context = new MeshContext();
        using var ambient = MeshContext.Use(context);
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri);

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(context.HasRetried, Is.EqualTo(expected));
    }

    [Test]
    public async Task Configuration_NoCondition_IsRefusedWithItsPath()
    {
        await using var host = new ClientHost(Given.Services("{}", """{ "orders": { "Retry": { "On": [ "5xx", "never" ], "Idempotent": [ "search" ] } } }"""));

        var refused = Assert.Throws<Mesh.Configuration.MeshConfigurationException>(() => host.CreateClient().GetAsync(Uri));

        Assert.That(refused!.Errors, Has.Some.StartsWith("Mesh:Client:Services:orders:Retry:On:1: found 'never'")
            .And.Some.StartsWith("Mesh:Client:Services:orders:Retry:Idempotent:0: found 'search'"));
    }

    private static ServiceOptions Orders(MeshClientOptions options)
    {
        if (!options.Services.TryGetValue("orders", out var orders))
        {
            options.Services["orders"] = orders = new ServiceOptions();
        }

        return orders;
    }

    private static string On(string condition) => Given.Orders($$"""{ "Retry": { "On": [ "{{condition}}" ], {{Unhurried}} } }""");
}
