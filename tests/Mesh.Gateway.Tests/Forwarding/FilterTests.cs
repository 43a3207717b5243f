using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class FilterTests
{
    [TestCase("/old/x?q=1", 301, "https://shop.example/new/x?q=1")]
    [TestCase("/temporary", 307, "http://other.example:8080/temporary")]
    [TestCase("/full/x", 302, "http://shop.example/all")]
    public async Task Request_Redirect_IsAnsweredAtTheEdge(string path, int status, string location)
    {
        await using var edge = await Edge.StartAsync(
            """
            { "r": { "Rules": [
              { "Matches": [ { "Path": { "Value": "/old" } } ],
                "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https", "StatusCode": 301, "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/new" } } } ] },
              { "Matches": [ { "Path": { "Value": "/temporary" } } ],
                "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Hostname": "other.example", "Port": 8080, "StatusCode": 307 } } ] },
              { "Matches": [ { "Path": { "Value": "/full" } } ],
                "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Path": { "Type": "ReplaceFullPath", "ReplaceFullPath": "/all" } } },
                             { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "x-why", "Value": "moved" } ] } } ] } ] } }
            """);

        var answer = await edge.GetRawAsync(path);

        Assert.That(answer, Does.StartWith($"HTTP/1.1 {status} "));
        Assert.That(answer, Does.Contain($"\r\nLocation: {location}\r\n"));
        Assert.That(answer, path == "/full/x" ? Does.Contain("\r\nx-why: moved\r\n") : Does.Not.Contain("x-why"));
        Assert.That(answer, Does.Contain("\r\nContent-Length: 0\r\n"));
    }

    [Test]
    public async Task Request_RedirectOfHttp10WithoutHost_IsRelative()
    {
        await using var edge = await Edge.StartAsync(
            """{ "r": { "Rules": [ { "Filters": [ { "Type": "RequestRedirect", "RequestRedirect": { "Scheme": "https" } } ] } ] } }""");

        Assert.That(await edge.SendRawAsync("GET /a?b HTTP/1.0\r\n\r\n"), Does.Contain("\r\nLocation: /a?b\r\n"));
    }

    [TestCase("GET", "{\"status\":\"down\"}")]
    [TestCase("HEAD", "")]
    public async Task Request_DirectResponse_IsAnsweredAtTheEdge(string method, string body)
    {
        await using var edge = await Edge.StartAsync(
            """
            { "r": { "Rules": [ { "Filters": [
              { "Type": "DirectResponse", "DirectResponse": { "StatusCode": 503, "ContentType": "application/json", "Body": "{\"status\":\"down\"}" } },
              { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "Retry-After", "Value": "30" } ] } } ] } ] } }
            """);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");

        using var response = await edge.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/json"));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(17));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(body));
    }

    [TestCase(0)]
    [TestCase(50_000)]
    public async Task Request_Mirror_GetsWhatTheServiceGets(int size)
    {
        var copied = new TaskCompletionSource<string>();
        await using var service = await Backend.StartAsync(static async http => await http.Request.Body.CopyToAsync(http.Response.Body));
        await using var shadow = await Backend.StartAsync(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            copied.SetResult(await reader.ReadToEndAsync());
            http.Response.StatusCode = 500;
        });
        await using var edge = await Edge.StartAsync(
            Edge.Everything(
                "service",
                """
                "Filters": [ { "Type": "RequestMirror", "RequestMirror": { "BackendRef": { "Name": "shadow" } } },
                             { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/in" } } } ]
                """),
            ("service", service.Address),
            ("shadow", shadow.Address));
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(new string('x', size)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a%2Cb?q=1") { Content = content };
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("mesh-mirrored", "0");

        using var response = await edge.Client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await response.Content.ReadAsStringAsync(), Has.Length.EqualTo(size));
        Assert.That(await copied.Task.WaitAsync(TimeSpan.FromSeconds(20)), Has.Length.EqualTo(size));
        Assert.That(shadow.Target, Is.EqualTo("/in/a%2Cb?q=1"));
        Assert.That(shadow.Headers[MeshHeaders.Mirrored], Is.EqualTo("1"));
        Assert.That(shadow.Headers, Does.ContainKey("X-Forwarded-For").And.Not.ContainKey("Authorization"));
        Assert.That(service.Headers, Does.ContainKey("Authorization").And.Not.ContainKey(MeshHeaders.Mirrored));
    }

    [Test]
    public async Task Request_BackendWithSubsetPortAndFilters_IsCarriedOut()
    {
        await using var old = await Backend.StartAsync(static http => http.Response.WriteAsync("old"));
        await using var current = await Backend.StartAsync(static http =>
        {
            http.Response.Headers["x-answer"] = "service";
            return http.Response.WriteAsync("current");
        });
        var port = current.Address.Split(':')[1];
        await using var edge = await Edge.StartAsync(
            $$"""
            { "r": { "Rules": [
              { "Matches": [ { "Path": { "Value": "/subset" } } ],
                "Filters": [ { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-ask", "Value": "rule" } ] } },
                             { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Add": [ { "Name": "x-answer", "Value": "rule" } ] } } ],
                "BackendRefs": [ { "Name": "service", "Subset": { "version": "v2" }, "Filters": [
                  { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Add": [ { "Name": "x-ask", "Value": "backend" } ] } },
                  { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "x-answer", "Value": "backend" } ] } } ] } ] },
              { "Matches": [ { "Path": { "Value": "/none" } } ], "BackendRefs": [ { "Name": "service", "Subset": { "version": "v3" } } ] },
              { "Matches": [ { "Path": { "Value": "/port" } } ], "BackendRefs": [ { "Name": "portless", "Port": {{port}} } ] } ] } }
            """,
            ("service", old.Address),
            ("service:http:1", current.Address),
            ("service:http:1:Version", "v2"),
            ("portless", "127.0.0.1"));
        for (var i = 0; i < 10; i++)
        {
            using var response = await edge.Client.GetAsync(new Uri("/subset", UriKind.Relative));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("current"));
            Assert.That(response.Headers.GetValues("x-answer"), Is.EqualTo(["backend", "rule"]));
            Assert.That(current.Headers["x-ask"], Is.EqualTo("rule, backend"));
        }

        using var none = await edge.Client.GetAsync(new Uri("/none", UriKind.Relative));
        Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await edge.Client.GetStringAsync(new Uri("/port", UriKind.Relative)), Is.EqualTo("current"));
    }

    [TestCase("""{ "Codes": [ 418 ], "Attempts": 4 }""", 5)]
    [TestCase("""{ "Codes": [ 503 ] }""", 1)]
    public async Task Request_RetryOfTheRule_IsCarriedOut(string retry, int attempts)
    {
        await using var service = await Backend.StartAsync(static http =>
        {
            http.Response.StatusCode = 418;
            return Task.CompletedTask;
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("service", $"\"Retry\": {retry}"), ("service", service.Address));

        using var response = await edge.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That((int)response.StatusCode, Is.EqualTo(418));
        Assert.That(service.Requests, Is.EqualTo(attempts));
    }

    [Test]
    public async Task Request_RulesOfTheClient_ArePassedOver()
    {
        await using var service = await Backend.StartAsync(static http => http.Response.WriteAsync("service"));
        await using var other = await Backend.StartAsync(static http => http.Response.WriteAsync("other"));
        await using var edge = await Edge.StartWithClientAsync(
            Edge.Everything("service"),
            """ "Services": { "service": { "Rules": [ { "BackendRefs": [ { "Name": "other" } ] } ] } } """,
            ("service", service.Address),
            ("other", other.Address));

        Assert.That(await edge.Client.GetStringAsync(new Uri("/", UriKind.Relative)), Is.EqualTo("service"));
    }
}
