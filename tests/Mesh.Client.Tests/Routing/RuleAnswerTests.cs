using System.Net;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Routing;

public sealed class RuleAnswerTests
{
    private const string Addresses = """{ "orders": { "https": [ "10.0.1.1:1" ] } }""";

    [TestCase("https://orders/old/x?q=1", "https://archive.example/new/x?q=1")]
    [TestCase("https+http://orders/old", "https://archive.example/new")]
    [TestCase("https://orders:8443/old", "https://archive.example:8443/new")]
    public async Task SendAsync_Redirect_IsTheCallersAnswer(string uri, string location)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(
            """
            [ { "Matches": [ { "Path": { "Value": "/old" } } ],
                "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Hostname": "archive.example", "StatusCode": 301,
                               "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/new" } } },
                             { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "x-why", "Value": "moved" } ] } } ] } ]
            """,
            stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MovedPermanently));
        Assert.That(response.Headers.Location, Is.EqualTo(new Uri(location)));
        Assert.That(response.Headers.GetValues("x-why"), Is.EqualTo(["moved"]));
        Assert.That(response.RequestMessage, Is.SameAs(request));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.Empty);
        Assert.That(stub.Requests, Is.Empty);
    }

    [TestCase("GET", """{"maintenance":true}""")]
    [TestCase("HEAD", "")]
    public async Task SendAsync_DirectResponse_IsTheCallersAnswer(string method, string body)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(
            """
            [ { "Filters": [ { "Type": "DirectResponse", "DirectResponse": { "StatusCode": 503, "ContentType": "application/json", "Body": "{\"maintenance\":true}" } },
                             { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "Retry-After", "Value": "60" } ] } } ] } ]
            """,
            stub);
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://orders/");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(body));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo(body.Length > 0 ? "application/json" : null));
        Assert.That(stub.Requests, Is.Empty);
    }

    private static ClientHost Host(string rules, StubHandler stub) => new(Given.Services(Addresses, $$"""{ "orders": { "Rules": {{rules}} } }"""), stub);
}
