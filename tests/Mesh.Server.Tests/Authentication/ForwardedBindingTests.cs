using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.Authentication;

/// <summary>Tokens bound to the certificate of a client that a proxy stands in front of.</summary>
internal sealed class ForwardedBindingTests
{
    private static readonly TokenForge Forge = new();
    private static readonly byte[] Thumbprint = SHA256.HashData("the certificate of a client"u8);

    [TestCase("gateway", true, ExpectedResult = HttpStatusCode.OK)]
    [TestCase("gateway", false, ExpectedResult = HttpStatusCode.Unauthorized)]
    [TestCase("storefront", true, ExpectedResult = HttpStatusCode.Unauthorized)]
    public async Task<HttpStatusCode> BoundToken_BehindAProxy_IsAcceptedWhenThatIsTrustedAndNamesTheCertificate(string proxy, bool namesIt)
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/", static () => "served"),
            [
                ("ForwardedClientCertificate:TrustedPeers:0", "spiffe://shop.example/ns/shop/sa/gateway"),
                ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
                ("Authentication:Jwt:0:Jwks", Forge.Jwks),
            ]);
        var token = Forge.Es256(static c => c["cnf"] = new JsonObject { ["x5t#S256"] = Base64Url.EncodeToString(Thumbprint) });
        var hash = Convert.ToHexStringLower(namesIt ? Thumbprint : SHA256.HashData("another"u8));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        request.Headers.TryAddWithoutValidation("x-forwarded-client-cert", $"Hash={hash};Subject=\"CN=client\"");

        using var response = await app.Peer(ServedApp.Authority.Issue(proxy)).SendAsync(request);

        return response.StatusCode;
    }
}
