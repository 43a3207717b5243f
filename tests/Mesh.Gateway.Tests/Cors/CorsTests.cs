using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Cors;

public sealed class CorsTests
{
    private const string Routes =
        """
        { "shop": { "Rules": [
            { "Matches": [ { "Path": { "Value": "/closed" } } ], "BackendRefs": [ { "Name": "b" } ] },
            { "Matches": [ { "Path": { "Value": "/open" } } ], "BackendRefs": [ { "Name": "b" } ],
              "Filters": [ { "Type": "CORS", "CORS": { "AllowOrigins": [ "*" ], "AllowMethods": [ "*" ], "AllowHeaders": [ "*" ], "ExposeHeaders": [ "*" ] } } ] },
            { "Matches": [ { "Path": { "Value": "/broken" } } ], "BackendRefs": [ { "Name": "nowhere" } ],
              "Filters": [ { "Type": "CORS", "CORS": { "AllowOrigins": [ "https://a.example" ] } } ] },
            { "Matches": [ { "Path": { "Value": "/" }, "Method": "PUT" } ], "BackendRefs": [ { "Name": "b" } ],
              "Filters": [ { "Type": "CORS", "CORS": { "AllowOrigins": [ "https://a.example", "https://*.b.example:8443" ], "AllowCredentials": true,
                "AllowMethods": [ "PUT", "DELETE" ], "AllowHeaders": [ "x-one", "x-two" ], "ExposeHeaders": [ "x-seen" ], "MaxAge": 600 } } ] } ] } }
        """;

    private const string Guarded = """ "Server": { "Authorization": { "nobody": { "Action": "Deny", "Rules": [ {} ] } } }, """;

    [Test]
    public async Task Preflight_OfAnAllowedOrigin_IsAnsweredInFrontOfAuthorization()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartWithMembersAsync(Routes, "", Guarded, ("b", backend.Address));

        using var response = await PreflightAsync(edge, "/x", "https://a.example", "PUT");
        using var refused = await edge.Client.PutAsync("/x", null);

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(Field(response, "Access-Control-Allow-Origin"), Is.EqualTo("https://a.example"));
            Assert.That(Field(response, "Access-Control-Allow-Credentials"), Is.EqualTo("true"));
            Assert.That(Field(response, "Access-Control-Allow-Methods"), Is.EqualTo("PUT, DELETE"));
            Assert.That(Field(response, "Access-Control-Allow-Headers"), Is.EqualTo("x-one, x-two"));
            Assert.That(Field(response, "Access-Control-Max-Age"), Is.EqualTo("600"));
            Assert.That(Field(response, "Vary"), Does.Contain("Origin"));
            Assert.That(backend.Requests, Is.Zero);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        });
    }

    [TestCase("https://a.example.evil")]
    [TestCase("https://evil.example")]
    [TestCase("http://a.example")]
    [TestCase("https://xb.example:8443")]
    [TestCase("https://b.example:8443")]
    [TestCase("https://x.b.example")]
    [TestCase("https://x/.b.example:8443")]
    [TestCase("null")]
    public async Task Preflight_OfAnotherOrigin_IsToldNothing(string origin)
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Routes, ("b", backend.Address));

        using var response = await PreflightAsync(edge, "/x", origin, "PUT");

        Assert.That(response.Headers.Select(static header => header.Key), Has.None.StartsWith("Access-Control"));
    }

    [Test]
    public async Task Preflight_OfEveryOrigin_AllowsWhatIsAsked()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Routes, ("b", backend.Address));

        using var response = await PreflightAsync(edge, "/open", "https://anybody.example", "PATCH", "x-mine");

        Assert.Multiple(() =>
        {
            Assert.That(Field(response, "Access-Control-Allow-Origin"), Is.EqualTo("*"));
            Assert.That(Field(response, "Access-Control-Allow-Methods"), Is.EqualTo("*"));
            Assert.That(Field(response, "Access-Control-Allow-Headers"), Is.EqualTo("x-mine"));
            Assert.That(Field(response, "Access-Control-Max-Age"), Is.EqualTo("5"));
        });
    }

    [Test]
    public async Task Options_WhereNoRuleHasTheFilter_GoesToTheService()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.Headers.AccessControlAllowOrigin = "https://by-the-service";
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Routes, ("b", backend.Address));

        using var response = await PreflightAsync(edge, "/closed", "https://a.example", "GET");

        Assert.That(Field(response, "Access-Control-Allow-Origin"), Is.EqualTo("https://by-the-service"));
    }

    [Test]
    public async Task Request_OfAPage_HasTheFieldsOfTheRuleAndNotOfTheService()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.Headers.AccessControlAllowOrigin = "https://evil.example";
            http.Response.Headers.AccessControlAllowCredentials = "true";
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Routes, ("b", backend.Address));

        using var allowed = await SendAsync(edge, "/x", "https://x.b.example:8443");
        using var other = await SendAsync(edge, "/x", "https://c.example");

        Assert.Multiple(() =>
        {
            Assert.That(Field(allowed, "Access-Control-Allow-Origin"), Is.EqualTo("https://x.b.example:8443"));
            Assert.That(Field(allowed, "Access-Control-Expose-Headers"), Is.EqualTo("x-seen"));
            Assert.That(Field(other, "Access-Control-Allow-Origin"), Is.Null);
            Assert.That(Field(other, "Access-Control-Allow-Credentials"), Is.Null);
            Assert.That(Field(other, "Vary"), Is.EqualTo("Origin"));
        });
    }

    [Test]
    public async Task Refusal_ToAPage_CanBeReadByIt()
    {
        await using var edge = await Edge.StartAsync(Routes, ("b", "127.0.0.1:1"));

        using var response = await SendAsync(edge, "/broken", "https://a.example");

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(Field(response, "Access-Control-Allow-Origin"), Is.EqualTo("https://a.example"));
        });
    }

    private static Task<HttpResponseMessage> PreflightAsync(Edge edge, string path, string origin, string method, string? headers = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path) { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", method } } };
        if (headers is not null)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return edge.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> SendAsync(Edge edge, string path, string origin) =>
        edge.Client.SendAsync(new HttpRequestMessage(HttpMethod.Put, path) { Headers = { { "Origin", origin } } });

    private static string? Field(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
