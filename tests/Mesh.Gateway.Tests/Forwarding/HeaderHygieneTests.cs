using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class HeaderHygieneTests
{
    [Test]
    public async Task Request_HeadersNamedInConnection_EndAtTheGateway()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        await edge.GetRawAsync("/", "X-Secret: 1", "X-Other: 2", "X-Kept: 3", "Connection: close, keep-alive, X-Secret, X-Forwarded-For", "Connection: x-other", "Keep-Alive: timeout=1", "TE: gzip", "Proxy-Authorization: Basic x");
        Assert.Multiple(() =>
        {
            Assert.That(backend.Headers.Keys, Has.No.Member("X-Secret").And.No.Member("X-Other").And.No.Member("Keep-Alive").And.No.Member("TE").And.No.Member("Proxy-Authorization"));
            Assert.That(backend.Headers["X-Kept"], Is.EqualTo("3"));
            Assert.That(backend.Headers["X-Forwarded-For"], Is.EqualTo("127.0.0.1"), "what the gateway says cannot be taken away");
        });
    }

    [Test]
    public async Task Request_SpoofedIdentity_IsReplacedByWhatTheGatewaySees()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        string[] spoofed =
        [
            "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Client-Cert", "Forwarded", "X-Real-IP",
            "True-Client-IP", "X-Envoy-External-Address", "X-Original-URL", "X-Rewrite-URL", "X_Forwarded_For", "mesh-attempt", "mesh-anything", "traceparent",
        ];
        await edge.GetRawAsync("/", [.. spoofed.Select(static name => $"{name}: spoofed"), "Via: 1.0 before"]);
        Assert.Multiple(() =>
        {
            Assert.That(backend.Headers.Values, Has.None.Contains("spoofed"));
            Assert.That(backend.Headers["X-Forwarded-For"], Is.EqualTo("127.0.0.1"));
            Assert.That(backend.Headers["X-Forwarded-Host"], Is.EqualTo("shop.example"));
            Assert.That(backend.Headers["X-Forwarded-Proto"], Is.EqualTo("http"));
            Assert.That(backend.Headers["Via"], Is.EqualTo("1.0 before, 1.1 edge").Or.EqualTo("1.0 before,1.1 edge"));
            Assert.That(backend.Headers["Host"], Is.EqualTo("orders"), "the Host a caller chose is not the service's");
        });
    }

    [Test]
    public async Task Request_OrdinaryHeaders_ArriveAsTheyWere()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        await edge.GetRawAsync("/", "Authorization: Bearer abc", "Accept: a/b;q=0.5, */*", "Cookie: a=1", "Cookie: b=2", "X-Empty:", "User-Agent: odd (agent", "Range: bytes=5-");
        Assert.Multiple(() =>
        {
            Assert.That(backend.Headers["Authorization"], Is.EqualTo("Bearer abc"));
            Assert.That(backend.Headers["Accept"], Is.EqualTo("a/b;q=0.5, */*"));
            Assert.That(backend.Headers["Cookie"], Is.EqualTo("a=1; b=2"));
            Assert.That(backend.Headers["User-Agent"], Is.EqualTo("odd (agent"));
            Assert.That(backend.Headers["Range"], Is.EqualTo("bytes=5-"));
        });
    }

    [Test]
    public async Task Request_HeaderOutsideAscii_IsTheCallersFault()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        var answer = await edge.GetRawAsync("/", "X-Name: J\u00c3\u00bcrgen");
        Assert.Multiple(() =>
        {
            Assert.That(answer, Does.StartWith("HTTP/1.1 400").And.Contains("urn:mesh:problem:bad-header"));
            Assert.That(backend.Requests, Is.Zero);
        });
    }

    [Test]
    public async Task Response_ServerAndHopByHopHeaders_EndAtTheGateway()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.Headers.Server = "leaky/1.0";
            http.Response.Headers.Connection = "X-Private";
            http.Response.Headers["X-Private"] = "1";
            http.Response.Headers["Keep-Alive"] = "timeout=5";
            http.Response.Headers["mesh-attempt"] = "1";
            http.Response.Headers["X-Public"] = "2";
            http.Response.Cookies.Append("a", "1");
            return http.Response.WriteAsync("ok");
        });
        await using var edge = await Edge.StartAsync(Edge.Everything("orders"), ("orders", backend.Address));
        using var response = await edge.Client.GetAsync("/");
        Assert.Multiple(() =>
        {
            Assert.That(response.Headers.Select(static header => header.Key), Has.No.Member("X-Private").And.No.Member("Keep-Alive").And.No.Member("mesh-attempt"));
            Assert.That(response.Headers.ToString(), Does.Not.Contain("leaky"));
            Assert.That(response.Headers.GetValues("X-Public"), Is.EqualTo(["2"]));
            Assert.That(response.Headers.GetValues("Set-Cookie").Single(), Does.StartWith("a=1"));
        });
    }
}
