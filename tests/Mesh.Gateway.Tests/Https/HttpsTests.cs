using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Https;

public sealed class HttpsTests
{
    private Backend _backend = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _backend = await Backend.StartAsync(static http =>
    {
        http.Response.Headers.StrictTransportSecurity = "max-age=1";
        return Task.CompletedTask;
    });

    [OneTimeTearDown]
    public async Task StopAsync() => await _backend.DisposeAsync();

    [TestCase("", "/a?b=c", "308", "https://shop.example/a?b=c")]
    [TestCase(""", "Port": 8443, "StatusCode": 302 """, "/", "302", "https://shop.example:8443/")]
    [TestCase("", "/a%20b//c?d=%2F", "308", "https://shop.example/a%20b//c?d=%2F")]
    [TestCase("", "//evil.example/x", "308", "https://shop.example//evil.example/x")]
    [TestCase("", "http://shop.example/absolute?x", "308", "https://shop.example/absolute?x")]
    [TestCase("", "/own", "308", "https://shop.example/own")]
    public async Task Request_WithoutTls_IsSentToTheSameUrlWithIt(string more, string target, string status, string location)
    {
        await using var edge = await StartPlainAsync($""" "Redirect": true{more} """);
        var seen = _backend.Requests;
        var answer = await edge.GetRawAsync(target);
        Assert.That(answer, Does.StartWith($"HTTP/1.1 {status}").And.Contain($"\r\nLocation: {location}\r\n").And.Not.Contain("Strict-Transport-Security"));
        Assert.That(_backend.Requests, Is.EqualTo(seen));
    }

    [TestCase("evil.example", "421")]
    [TestCase("shop.example@evil.example", "400")]
    [TestCase("shop.example:0", "400")]
    public async Task Request_ForAHostThatIsNotOurs_IsRefusedAndNotSentAnywhere(string host, string status)
    {
        await using var edge = await StartPlainAsync(""" "Redirect": true """);
        var answer = await edge.SendRawAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith($"HTTP/1.1 {status}").And.Not.Contain("Location"));
    }

    [TestCase("/health", "200")]
    [TestCase("/healthy", "308")]
    [TestCase("/health/", "308")]
    public async Task Request_ToAPlaintextPath_IsServed(string path, string status)
    {
        await using var edge = await StartPlainAsync(""" "Redirect": true """);
        Assert.That(await edge.GetRawAsync(path), Does.StartWith($"HTTP/1.1 {status}"));
    }

    [TestCase("""{ "MaxAge": "5m" }""", "max-age=300")]
    [TestCase("""{ "MaxAge": "8760h", "IncludeSubDomains": true, "Preload": true }""", "max-age=31536000; includeSubDomains; preload")]
    [TestCase("""{ "MaxAge": "0s" }""", "max-age=0")]
    public async Task Response_OverTls_SaysOnceWhatBrowsersShallRemember(string hsts, string expected)
    {
        await using var edge = await TlsEdge.StartAsync(Edge.Everything("b"), $$""" "Https": { "Redirect": true, "Hsts": {{hsts}} }, """, ("b", _backend.Address));
        foreach (var path in (string[])["/", "/own", "/a%2Fb"])
        {
            var answer = await edge.GetAsync(path);
            Assert.That(answer.Split("Strict-Transport-Security: "), Has.Length.EqualTo(2).And.Exactly(1).StartsWith($"{expected}\r\n"), path);
        }
    }

    [Test]
    public async Task Response_WithoutTls_OrFromALocalName_SaysNothing()
    {
        const string Hsts = """ "Https": { "Hsts": { "MaxAge": "720h" } }, """;
        await using var silent = await Backend.StartAsync();
        await using var edge = await TlsEdge.StartAsync(Edge.Everything("b"), Hsts, ("b", silent.Address));
        Assert.That(await edge.Edge.GetRawAsync("/"), Does.StartWith("HTTP/1.1 200").And.Not.Contain("Strict-Transport"));
        Assert.That(await edge.GetAsync("/", "localhost"), Does.StartWith("HTTP/1.1 200").And.Not.Contain("Strict-Transport"));
    }

    [TestCase(""" "StatusCode": 303 """, "StatusCode: found '303', allowed is 301, 302, 307 or 308")]
    [TestCase(""" "Port": 0 """, "Port: found '0'")]
    [TestCase(""" "PlaintextPaths": [ "health" ] """, "PlaintextPaths:0: found 'health'")]
    [TestCase(""" "Hsts": { "MaxAge": "20000h" } """, "Hsts:MaxAge: found ")]
    [TestCase(""" "Hsts": { "IncludeSubDomains": true } """, "Hsts:MaxAge: found ")]
    [TestCase(""" "Hsts": { "Preload": true, "MaxAge": "8760h" } """, "Hsts:Preload: found 'True'")]
    public void Start_WithWrongValues_NamesThem(string https, string expected) =>
        Assert.That(async () => await StartPlainAsync(https), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains($"Mesh:Gateway:Https:{expected}"));

    private Task<Edge> StartPlainAsync(string https) =>
        Edge.StartWithMembersAsync(Edge.Everything("b"), $$""" "Hosts": [ "shop.example" ], "Https": { {{https}} }, """, "", ("b", _backend.Address));
}
