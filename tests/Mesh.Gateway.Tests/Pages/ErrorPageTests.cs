using System.Net;
using System.Net.Http.Headers;
using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Pages;

public sealed class ErrorPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private const string Routes = """{ "r": { "Rules": [ { "Matches": [ { "Path": { "Value": "/orders" } } ], "BackendRefs": [ { "Name": "gone" } ] } ] } }""";

    [TestCase("/nowhere", 404)]
    [TestCase("/orders", 503)]
    [TestCase("/a%2Fb", 400)]
    public async Task Refusal_ForABrowser_IsAPageThatShowsNothingOfTheInside(string path, int status)
    {
        await using var edge = await StartAsync("");
        var (response, body) = await GetAsync(edge, path, Browser);
        Assert.Multiple(() =>
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(status));
            Assert.That(response.Content.Headers.ContentType, Is.EqualTo(new MediaTypeHeaderValue("text/html", "utf-8")));
            Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; style-src 'sha256-").And.Not.Contain("unsafe"));
            Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
            Assert.That(response.Headers.CacheControl!.NoStore, Is.True);
            Assert.That(body, Does.StartWith("<!DOCTYPE html>").And.Contain($"<code>{status} ").And.Not.Contain("Exception").And.Not.Contain("urn:").And.Not.Contain("{{"));
            Assert.That(body, Does.Match("&middot; [0-9A-Za-z:]{16,}</code>"), "the trace id");
        });
        response.Dispose();
    }

    [TestCase("application/json")]
    [TestCase("*/*")]
    [TestCase(null)]
    public async Task Refusal_ForAProgram_IsProblemJson(string? accept)
    {
        await using var edge = await StartAsync("");
        var (response, body) = await GetAsync(edge, "/nowhere", accept);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(response.Headers.Contains("Content-Security-Policy"), Is.False);
        Assert.That(body, Does.Contain("urn:mesh:problem:no-route"));
        response.Dispose();
    }

    [Test]
    public async Task Refusal_HtmlIsOff_IsProblemJsonForBrowsersToo()
    {
        await using var edge = await StartAsync(""" "ErrorPages": { "Html": false }, """);
        var (response, _) = await GetAsync(edge, "/nowhere", Browser);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        response.Dispose();
    }

    [Test]
    public async Task Refusal_WithPagesOfOnesOwn_ShowsThatOfTheStatusThenOfTheClass()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "<p>lost: {{status}} {{title}}</p>");
        try
        {
            await using var edge = await StartAsync(
                $$""" "ErrorPages": { "Pages": { "404": { "File": "{{file}}" }, "5xx": { "Text": "<b>{{"{{traceId}}"}}</b>{{"{{ title }}"}}" } }, "ContentSecurityPolicy": "default-src 'self'" }, """);
            var (lost, lostBody) = await GetAsync(edge, "/nowhere", Browser);
            var (broken, brokenBody) = await GetAsync(edge, "/orders", Browser);
            var (bad, badBody) = await GetAsync(edge, "/a%2Fb", Browser);
            Assert.Multiple(() =>
            {
                Assert.That(lostBody, Is.EqualTo("<p>lost: 404 There is nothing here.</p>"));
                Assert.That(lost.Headers.GetValues("Content-Security-Policy").Single(), Is.EqualTo("default-src 'self'"));
                Assert.That(brokenBody, Does.Match("^<b>[0-9A-Za-z:]{16,}</b>{{ title }}$"));
                Assert.That(broken.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
                Assert.That(badBody, Does.StartWith("<!DOCTYPE html>"), "the gateway's own");
                Assert.That(bad.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("sha256"));
            });
            lost.Dispose();
            broken.Dispose();
            bad.Dispose();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task Refusal_Detail_IsEncoded()
    {
        await using var edge = await StartAsync("");
        var answer = await edge.GetRawAsync("/x", $"Accept: {Browser}", "X-Quote: \u00e9<script>");
        Assert.That(answer, Does.StartWith("HTTP/1.1 404").Or.StartWith("HTTP/1.1 400"));
        Assert.That(answer, Does.Not.Contain("<script>"));
        var rendered = new Mesh.Gateway.Pages.PageTemplate("<p title='{{detail}}'>{{TITLE}}{{traceId}}</p>")
            .Render(new Mesh.Server.Problems.MeshProblem(400, "x", "<b>&", "'\"><script>"), "<i>{{title}}");
        Assert.That(System.Text.Encoding.UTF8.GetString(rendered), Is.EqualTo("<p title='&#x27;&quot;&gt;&lt;script&gt;'>&lt;b&gt;&amp;&lt;i&gt;{{title}}</p>"));
    }

    [Test]
    public async Task Reload_OfThePages_HoldsFromTheNextRequestOn()
    {
        await using var edge = await StartAsync("");
        edge.Reload(Routes, """ "ErrorPages": { "Pages": { "4xx": { "Text": "new" } } }, """);
        var (response, body) = await GetAsync(edge, "/nowhere", Browser);
        Assert.That(body, Is.EqualTo("new"));
        response.Dispose();
    }

    [TestCase(""" "600": { "Text": "x" } """, "600: found '600', allowed is a status from 400 to 599, '4xx' or '5xx'")]
    [TestCase(""" "3xx": { "Text": "x" } """, "3xx: found '3xx'")]
    [TestCase(""" "404": { "Text": "x", "File": "y" } """, "404: either File or Text is required")]
    [TestCase(""" "404": { "File": "/nowhere/x.html" } """, "404:File: found '/nowhere/x.html', allowed is a file in UTF-8 that can be read")]
    public void Start_WithWrongPages_NamesThem(string pages, string expected) => Assert.That(
        async () => await StartAsync($$""" "ErrorPages": { "Pages": { {{pages}} } }, """),
        Throws.TypeOf<MeshConfigurationException>().With.Message.Contains($"Mesh:Gateway:ErrorPages:Pages:{expected}"));

    private static Task<Edge> StartAsync(string gateway) => Edge.StartWithMembersAsync(Routes, gateway, "", ("gone:http", ""));

    private static async Task<(HttpResponseMessage Response, string Body)> GetAsync(Edge edge, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(edge.Address, path));
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        var response = await edge.Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }
}
