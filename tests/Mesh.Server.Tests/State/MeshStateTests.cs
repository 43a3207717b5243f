using System.Text.Json;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.State;

internal sealed class MeshStateTests
{
    [Test]
    public async Task MapMeshState_TellsWhatIsInForce()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapMeshState(),
            [
                ("RateLimits:0:Name", "per-caller"),
                ("RateLimits:0:Limit", "100"),
                ("RateLimits:0:Window", "01:00:00"),
                ("Authentication:Jwt:0:Issuer", "https://login.example"),
                ("Authentication:ApiKeys:Secrets:0", "TheOutputOfMeshKeySecretGoesHereNotThisText="),
                ("Authentication:ApiKeys:Consumers:acme:Keys:0:Hash", "mzEcBvUiENzHsNpDVoGlcNl0fKtSGnMUMc4sTEvXhfQ"),
                ("Authorization:no-x:Action", "Deny"),
                ("Authorization:no-x:Rules:0:To:0:Paths:0", "/x"),
            ]);
        await app.Peer().GetAsync("/x");
        app.Reconfigure(("RequestTimeout", "00:00:10"));

        using var json = JsonDocument.Parse(await app.Peer().GetStringAsync("/mesh/state"));
        var server = json.RootElement.GetProperty("server");

        Assert.That(server.GetProperty("peerAuthentication").GetString(), Is.EqualTo("Strict"));
        Assert.That(server.GetProperty("policyRevision").GetInt32(), Is.EqualTo(1));
        Assert.That(server.GetProperty("identity").GetProperty("id").GetString(), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
        Assert.That(server.GetProperty("identity").GetProperty("expiresAt").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow));
        Assert.That(
            server.GetProperty("authentication").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal),
            Is.EqualTo("""{"issuers":[{"issuer":"https://login.example","keys":0,"failing":false}],"apiKeys":1}"""));
        Assert.That(server.GetProperty("rateLimits")[0].GetProperty("keys").GetInt32(), Is.EqualTo(1));
        Assert.That(server.GetProperty("refusals").GetProperty("access-denied").GetInt64(), Is.EqualTo(1));
    }
}
