using System.Net;
using Mesh.Server.Tests.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.Pipeline;

/// <summary>
/// A request with everything wrong is refused by the first stage; with that put right, by the second; and so on. So the
/// refusals, in the order of the steps, are the order of the stages.
/// </summary>
internal sealed class OrderTests
{
    private static readonly TokenForge Forge = new();

    [Test]
    public async Task Stages_AreInTheDocumentedOrder()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/orders", [Authorize(Roles = "clerk")] static () => "served"),
            [
                ("PeerAuthentication", "Strict"),
                ("PlaintextPaths:0", "/Orders"),
                ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
                ("Authentication:Jwt:0:Audiences:0", TokenForge.Audience),
                ("Authentication:Jwt:0:Jwks", Forge.Jwks),
                ("Authorization:readers:Rules:0:To:0:Methods:0", "GET"),
                ("RateLimits:0:Name", "few"),
                ("RateLimits:0:Limit", "1"),
                ("RateLimits:0:Window", "01:00:00"),
            ]);
        var good = $"Bearer {Forge.Rs256()}";
        var clerk = $"Bearer {Forge.Rs256(static claims => (claims["roles"], claims["sub"]) = ("clerk", "bob"))}";
        (string Method, string Path, string? Timeout, bool Plaintext, string? Token)[] steps =
        [
            ("POST", "/orders%2f", "0m", true, "Bearer x"),
            ("POST", "/orders/1", "0m", false, "Bearer x"),
            ("POST", "/orders/1", "9S", true, "Bearer x"),
            ("POST", "/orders/1", "9S", false, "Bearer x"),
            ("POST", "/orders", "9S", false, good),
            ("GET", "/orders", "9S", false, good),
            ("GET", "/orders", "9S", false, good),
            ("GET", "/orders", "9S", false, clerk),
        ];

        List<string> answers = [];
        foreach (var step in steps)
        {
            using var request = new HttpRequestMessage(new HttpMethod(step.Method), step.Path);
            request.Headers.TryAddWithoutValidation("Authorization", step.Token);
            request.Headers.Add("mesh-timeout", step.Timeout);
            using var response = await (step.Plaintext ? app.Plaintext() : app.Peer()).SendAsync(request);
            answers.Add(await DescribeAsync(response));
        }

        Assert.That(answers, Is.EqualTo(new[]
        {
            "bad-path", // context
            "deadline-exceeded", // deadline
            "peer-required", // authentication: the peer
            "token-malformed", // authentication: the token
            "access-denied", // authorization; it has charged nothing, or the next would be over the limit
            "access-denied", // [Authorize]; the limit was charged
            "quota-exceeded", // rate limits, before [Authorize] this time
            "served",
        }));
    }

    private static async Task<string> DescribeAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.OK
            ? text
            : System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("type").GetString()!.Split(':')[^1];
    }
}
