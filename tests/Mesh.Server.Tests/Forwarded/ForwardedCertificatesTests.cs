using System.Net;
using Mesh.Identity;
using Mesh.Server.Authentication;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.Forwarded;

internal sealed class ForwardedCertificatesTests
{
    private const string Gateway = "spiffe://shop.example/ns/shop/sa/gateway";
    private const string Proxy = "spiffe://shop.example/ns/edge/sa/proxy";
    private const string Client = "spiffe://partner.example/ns/web/sa/client";

    private static readonly (string, string?)[] Trusting =
    [
        ("ForwardedClientCertificate:TrustedPeers:0", Gateway),
        ("ForwardedClientCertificate:TrustedPeers:1", "spiffe://shop.example/ns/edge/*"),
    ];

    [Test]
    public async Task TrustedPeer_OneHop_IsTheClient()
    {
        await using var app = await StartAsync(Trusting);

        Assert.That(await SendAsync(app, "gateway", $"By={Gateway};Hash=ab;Subject=\"\";URI={Client}"), Is.EqualTo($"1 {Client} {Client} True"));
    }

    [Test]
    public async Task TrustedPeer_ChainOfTrustedProxies_ClientIsInFrontOfThem()
    {
        await using var app = await StartAsync(Trusting);

        Assert.That(
            await SendAsync(app, "gateway", $"By=x;URI=spiffe://evil.example/claimed,By={Proxy};URI={Client},By={Gateway};URI={Proxy}"),
            Is.EqualTo($"3 {Client} {Client} True"),
            "what the client wrote itself comes before it and is not believed");
    }

    [Test]
    public async Task TrustedPeer_ClientWithoutASpiffeId_IsThereWithoutAClaim()
    {
        await using var app = await StartAsync(Trusting);

        Assert.That(await SendAsync(app, "gateway", "Hash=ab;Subject=\"CN=browser\";DNS=client.example"), Is.EqualTo("1 CN=browser nobody True"));
    }

    [Test]
    public async Task TrustedPeer_SeveralLines_AreOneList()
    {
        await using var app = await StartAsync(Trusting);

        Assert.That(await SendAsync(app, "gateway", $"URI={Client}", $"URI={Proxy}"), Is.EqualTo($"2 {Client} {Client} True"));
    }

    [TestCase("Subject=\"never ends")]
    [TestCase("URI")]
    [TestCase("Hash=a;Hash=b")]
    public async Task TrustedPeer_Malformed_IsRefused(string header)
    {
        await using var app = await StartAsync(Trusting);
        using var request = Request(header);

        using var response = await app.Peer(ServedApp.Authority.Issue("gateway")).SendAsync(request);

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.BadRequest, "bad-forwarded-certificate");
    }

    [TestCase("storefront", Description = "a peer that is not listed")]
    [TestCase("gatewayish", Description = "not even one with a longer name")]
    public async Task OtherPeer_HeaderIsRemoved(string peer)
    {
        await using var app = await StartAsync(Trusting);

        Assert.That(await SendAsync(app, peer, $"URI={Client}"), Is.EqualTo("0 nobody nobody False"));
    }

    [Test]
    public async Task NobodyIsTrusted_HeaderIsRemoved()
    {
        await using var app = await StartAsync([]);

        Assert.That(await SendAsync(app, "gateway", $"URI={Client}"), Is.EqualTo("0 nobody nobody False"));
    }

    [TestCase("Permissive")]
    [TestCase("Disabled")]
    public async Task Stranger_HeaderIsRemoved(string mode)
    {
        await using var app = await StartAsync([.. Trusting, ("PeerAuthentication", mode)]);
        using var request = Request($"URI={Client}");

        using var response = await app.Plaintext().SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("0 nobody nobody False"));
    }

    private static Task<ServedApp> StartAsync((string, string?)[] settings) => ServedApp.StartAsync(
        static app => app.MapGet("/", static (HttpContext http) =>
        {
            var request = http.Features.Get<MeshRequest>()!;
            var client = request.ForwardedClient;
            return string.Join(
                ' ',
                request.ForwardedCertificates.Count,
                client?.Id?.ToString() ?? client?.Subject ?? "nobody",
                http.User.FindFirst(MeshAuthenticationDefaults.ForwardedClientClaim)?.Value ?? "nobody",
                http.Request.Headers.ContainsKey(ForwardedClientCertificate.HeaderName));
        }),
        settings);

    private static async Task<string> SendAsync(ServedApp app, string peer, params string[] lines)
    {
        using var request = Request(lines);
        using var response = await app.Peer(ServedApp.Authority.Issue(peer)).SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static HttpRequestMessage Request(params string[] lines)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach (var line in lines)
        {
            request.Headers.TryAddWithoutValidation(ForwardedClientCertificate.HeaderName, line);
        }

        return request;
    }
}
