using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Tokens;

/// <summary>A real token endpoint, a real service with mutual TLS, and what a hostile endpoint may answer.</summary>
public sealed class TokenEndpointTests
{
    private const string Secret = "s:e c+r/e%t";

    private string _folder = null!;
    private TokenIssuer _issuer = null!;
    private MeshService _orders = null!;

    [SetUp]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("mesh-tokens").FullName;
        _issuer = await TokenIssuer.StartAsync();
        _orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
    }

    [TearDown]
    public async Task TearDown()
    {
        await _orders.DisposeAsync();
        await _issuer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task ClientCredentials_Basic_SendsWhatTheRfcSaysAndNothingElse()
    {
        await using var host = Host("""{ "Source": "ClientCredentials", "ClientId": "me:too", "ClientSecret": "s:e c+r/e%t", "Scopes": [ "read", "write" ], "Audience": "orders-api", "Resource": "https://orders.example/" }""");

        await CallAsync(host);
        await CallAsync(host);

        var asked = _issuer.Asked.Single();
        Assert.That(Encoding.ASCII.GetString(Convert.FromBase64String(asked["Authorization"]["Basic ".Length..])), Is.EqualTo("me%3Atoo:s%3Ae+c%2Br%2Fe%25t"));
        asked.Remove("Authorization");
        Assert.That(asked, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["scope"] = "read write",
            ["audience"] = "orders-api",
            ["resource"] = "https://orders.example/",
        }));
        Assert.That(_orders.Arrivals.Select(static arrival => arrival.Headers["Authorization"]), Is.EqualTo(["Bearer issued-1", "Bearer issued-1"]));
    }

    [Test]
    public async Task ClientCredentials_SecretFile_IsReadAgainForEachToken()
    {
        var file = Path.Combine(_folder, "secret");
        await File.WriteAllTextAsync(file, $"{Secret}\n");
        _orders = await ReplaceAsync(_orders, static http => http.Response.StatusCode = http.Request.Headers.Authorization == "Bearer old" ? 401 : 200);
        await using var host = Host($$"""{ "Source": "ClientCredentials", "ClientId": "me", "ClientAuthentication": "Post", "ClientSecretFile": "{{file}}" }""");

        // The first call learns that the token is refused, and the secret has been rotated by then.
        _issuer.Answer = async (http, number) =>
        {
            await File.WriteAllTextAsync(file, "rotated");
            await TokenIssuer.GiveAsync(http, number == 1 ? "old" : "new");
        };
        await CallAsync(host);

        Assert.That(_issuer.Asked.Select(static asked => (asked["client_id"], asked["client_secret"], asked["Authorization"])), Is.EqualTo([("me", Secret, ""), ("me", "rotated", "")]));
    }

    [TestCase("ES256")]
    [TestCase("RS256")]
    public async Task ClientCredentials_PrivateKey_SignsAnAssertionThatTheEndpointCanVerify(string algorithm)
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var file = Path.Combine(_folder, "key.pem");
        await File.WriteAllTextAsync(file, algorithm == "ES256" ? ec.ExportPkcs8PrivateKeyPem() : rsa.ExportRSAPrivateKeyPem());
        await using var host = Host($$"""{ "Source": "ClientCredentials", "ClientId": "me", "PrivateKeyFile": "{{file}}", "KeyId": "k1" }""");

        await CallAsync(host);

        var asked = _issuer.Asked.Single();
        Assert.That(asked["client_assertion_type"], Is.EqualTo("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        var parts = asked["client_assertion"].Split('.');
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        var signature = Decode(parts[2]);
        Assert.That(algorithm == "ES256" ? ec.VerifyData(signed, signature, HashAlgorithmName.SHA256) : rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), Is.True);
        using var header = JsonDocument.Parse(Decode(parts[0]));
        Assert.That((header.RootElement.GetProperty("alg").GetString(), header.RootElement.GetProperty("kid").GetString()), Is.EqualTo((algorithm, "k1")));
        using var payload = JsonDocument.Parse(Decode(parts[1]));
        var claims = payload.RootElement;
        Assert.That((claims.GetProperty("iss").GetString(), claims.GetProperty("sub").GetString(), claims.GetProperty("aud").GetString()), Is.EqualTo(("me", "me", _issuer.Address)));
        Assert.That(claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64(), Is.EqualTo(60));
        Assert.That(claims.GetProperty("jti").GetString(), Has.Length.EqualTo(32));
    }

    [Test]
    public async Task ClientCredentials_AssertionFile_SendsWhatThePlatformPutThere()
    {
        var file = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(file, "projected.by.kubernetes");
        await using var host = Host($$"""{ "Source": "ClientCredentials", "ClientId": "me", "AssertionFile": "{{file}}" }""");

        await CallAsync(host);

        Assert.That(_issuer.Asked.Single()["client_assertion"], Is.EqualTo("projected.by.kubernetes"));
    }

    [Test]
    public async Task TokenExchange_Callers_GetATokenEachAndBackgroundWorkItsOwn()
    {
        _issuer.Answer = static (http, _) => TokenIssuer.GiveAsync(http, http.Request.Form.TryGetValue("subject_token", out var subject) ? $"for-{subject}" : "own");
        await using var host = Host("""{ "Source": "TokenExchange", "ClientId": "me", "ClientSecret": "secret", "Audience": "orders", "RequestedTokenType": "urn:ietf:params:oauth:token-type:jwt", "WithoutCaller": "ClientCredentials" }""");
        foreach (var caller in new[] { "alice", "bob", "alice" })
        {
            using var context = MeshContext.Use(new MeshContext { CallerToken = new CallerToken(caller) });
            await CallAsync(host);
        }

        await CallAsync(host);

        Assert.That(_orders.Arrivals.Select(static arrival => arrival.Headers["Authorization"]), Is.EqualTo(["Bearer for-alice", "Bearer for-bob", "Bearer for-alice", "Bearer own"]));
        Assert.That(_issuer.Asked, Has.Count.EqualTo(3));
        var asked = _issuer.Asked.First();
        asked.Remove("Authorization");
        Assert.That(asked, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["subject_token"] = "alice",
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
            ["requested_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["audience"] = "orders",
        }));
        Assert.That(_issuer.Asked.Last()["grant_type"], Is.EqualTo("client_credentials"));
    }

    [Test]
    public async Task TokenExchange_OneCallerRefused_KeepsAwayFromThatOneOnly()
    {
        _issuer.Answer = static (http, _) => http.Request.Form["subject_token"] == "mallory" ? TokenIssuer.RefuseAsync(http, "invalid_grant") : TokenIssuer.GiveAsync(http, "good");
        await using var host = Host("""{ "Source": "TokenExchange", "ClientId": "me", "ClientSecret": "secret" }""");
        for (var i = 0; i < 3; i++)
        {
            using (MeshContext.Use(new MeshContext { CallerToken = new CallerToken("mallory") }))
            {
                var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));
                Assert.That(exception!.Message, Does.Contain("invalid_grant").And.Contain("caller's token").And.Not.Contain("mallory"));
            }

            using (MeshContext.Use(new MeshContext { CallerToken = new CallerToken($"alice-{i}") }))
            {
                await CallAsync(host);
            }
        }

        Assert.That(_issuer.Asked, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task ClientCredentials_EndpointInTheMesh_IsCalledThroughTheMesh()
    {
        await using var tokens = await MeshService.StartAsync(
            TestAuthority.Shop.Identity("tokens"), static http => http.Response.WriteAsJsonAsync(new { access_token = "of-the-mesh", token_type = "bearer", expires_in = "60" }));
        await using var host = new ClientHost(Given.Services(
            $$"""{ "orders": { "https": [ "127.0.0.1:{{_orders.Port}}" ] }, "tokens": { "https": [ "127.0.0.1:{{tokens.Port}}" ] } }""",
            """{ "orders": { "AccessToken": { "Source": "ClientCredentials", "TokenEndpoint": "https://tokens/token", "ClientId": "storefront", "ClientAuthentication": "None" } } }"""));

        await CallAsync(host);

        Assert.That(_orders.Arrivals.Single().Headers["Authorization"], Is.EqualTo("Bearer of-the-mesh"));
        Assert.That(tokens.Arrivals.Single().Peer, Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
    }

    private static IEnumerable<TestCaseData> Hostile()
    {
        yield return Case("Garbage", "answered with something else than the JSON", static http => http.Response.WriteAsync("<html>sent-secret</html>"));
        yield return Case("List", "answered with something else than the JSON", static http => http.Response.WriteAsync("[]"));
        yield return Case("Twice", "answered with something else than the JSON", static http => http.Response.WriteAsync("""{ "access_token": "a", "access_token": "b", "token_type": "Bearer" }"""));
        yield return Case("Empty", "answered with something else than the JSON", static _ => Task.CompletedTask);
        yield return Case("NoToken", "no 'access_token'", static http => http.Response.WriteAsync("""{ "token_type": "Bearer", "expires_in": 60 }"""));
        yield return Case("TokenOfAnotherType", "no 'access_token'", static http => http.Response.WriteAsync("""{ "access_token": 7, "token_type": "Bearer" }"""));
        yield return Case("TokenWithALineBreak", "no header field could carry", static http => http.Response.WriteAsync("""{ "access_token": "a\r\nX-Admin: 1", "token_type": "Bearer" }"""));
        yield return Case("TokenOfHalfACharacter", "no 'access_token'", static http => http.Response.WriteAsync("""{ "access_token": "\ud800", "token_type": "Bearer" }"""));
        yield return Case("LongToken", "no header field could carry", static http => http.Response.WriteAsync($$"""{ "access_token": "{{new string('a', 20_000)}}", "token_type": "Bearer" }"""));
        yield return Case("NoType", "another 'token_type'", static http => http.Response.WriteAsync("""{ "access_token": "a" }"""));
        yield return Case("DPoP", "another 'token_type'", static http => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "DPoP" }"""));
        yield return Case("RefreshToken", "a refresh token", static http => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token" }"""));
        yield return Case("NegativeLife", "'expires_in'", static http => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "Bearer", "expires_in": -1 }"""));
        yield return Case("NoLife", "'expires_in'", static http => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "Bearer", "expires_in": 0 }"""));
        yield return Case("LifeInWords", "'expires_in'", static http => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "Bearer", "expires_in": "soon" }"""));
        yield return Case("Redirect", "answered 307, and redirects are not followed", static http => Redirect(http, 307));
        yield return Case("SeeOther", "answered 303, and redirects are not followed", static http => Redirect(http, 303));
        yield return Case("Error", "answered 401 with the OAuth error 'invalid_client'. Check ClientId", static http => TokenIssuer.RefuseAsync(http, "invalid_client", 401));
        yield return Case("ErrorThatRepeatsTheSecret", "answered 400 without an OAuth error", static http => TokenIssuer.RefuseAsync(http, "no such secret: sent-secret"));
        yield return Case("ErrorInHtml", "answered 500 without an OAuth error", static http =>
        {
            http.Response.StatusCode = 500;
            return http.Response.WriteAsync("sent-secret");
        });
        yield return Case("Huge", "cannot be asked", static async http =>
        {
            var piece = new byte[16 * 1024];
            for (var i = 0; i < 1024 && !http.RequestAborted.IsCancellationRequested; i++)
            {
                await http.Response.Body.WriteAsync(piece);
            }
        });
        yield return Case("Cut", "cannot be asked", static async http =>
        {
            http.Response.ContentLength = 100;
            await http.Response.WriteAsync("""{ "access""");
            http.Abort();
        });
        yield return Case("Slow", "did not answer within 00:00:01", static http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        yield return Case("Dripping", "did not answer within 00:00:01", static async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(" ");
                await http.Response.Body.FlushAsync();
                await Task.Delay(50, http.RequestAborted);
            }
        });

        static TestCaseData Case(string name, string expected, Func<HttpContext, Task> answer) => new TestCaseData(expected, answer).SetArgDisplayNames(name);

        static Task Redirect(HttpContext http, int status)
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        }
    }

    [TestCaseSource(nameof(Hostile))]
    public async Task Endpoint_HostileAnswer_IsNoTokenAndTellsNothingSecret(string expected, Func<HttpContext, Task> answer)
    {
        _issuer.Answer = (http, _) => answer(http);
        await using var host = Host("""{ "Source": "ClientCredentials", "ClientId": "me", "ClientSecret": "sent-secret", "Timeout": "1s" }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));

        Assert.That(exception!.Message, Does.Contain(expected).And.Contain(_issuer.Address).And.Contain("Mesh:Client:Services:orders:AccessToken"));
        Assert.That($"{exception}{string.Concat(host.Log.Mesh)}{host.State.GetServices().Single(static service => service.Name == "orders")}", Does.Not.Contain("sent-secret"));
        Assert.That(_orders.Arrivals, Is.Empty);
        Assert.That(_issuer.Strayed, Is.Empty);
    }

    [Test]
    public async Task Endpoint_EnormousLife_IsBounded()
    {
        _issuer.Answer = static (http, _) => http.Response.WriteAsync("""{ "access_token": "a", "token_type": "Bearer", "expires_in": 1e300 }""");
        await using var host = Host("""{ "Source": "ClientCredentials", "ClientId": "me", "ClientSecret": "secret" }""");

        await CallAsync(host);

        Assert.That(host.Service("orders").Tokens!.View().ExpiresIn, Is.LessThan(TimeSpan.FromHours(24)));
    }

    [Test]
    public async Task Endpoint_RetryAfter_IsWaitedFor()
    {
        _issuer.Answer = static (http, _) =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "120";
            return Task.CompletedTask;
        };
        await using var host = Host("""{ "Source": "ClientCredentials", "ClientId": "me", "ClientSecret": "secret" }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));

        Assert.That(exception!.RetryAfter, Is.InRange(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(120)));
    }

    [Test]
    public async Task Endpoint_NobodyListens_SaysWhere()
    {
        var address = _issuer.Address;
        await using var host = Host("""{ "Source": "ClientCredentials", "ClientId": "me", "ClientSecret": "secret" }""");
        await _issuer.DisposeAsync();

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));

        Assert.That(exception!.Message, Does.Contain($"{address} cannot be asked"));
        Assert.That(exception.InnerException, Is.InstanceOf<HttpRequestException>());
    }

    [TestCase("ClientSecretFile", "cannot be read")]
    [TestCase("PrivateKeyFile", "cannot be read")]
    [TestCase("AssertionFile", "cannot be read")]
    public async Task Credentials_FileThatIsNotThere_AreNamed(string setting, string expected)
    {
        await using var host = Host($$"""{ "Source": "ClientCredentials", "ClientId": "me", "{{setting}}": "{{_folder}}/none" }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));

        Assert.That(exception!.Message, Does.Contain($"{setting} '{_folder}/none' {expected}"));
    }

    [TestCase("")]
    [TestCase("no key")]
    [TestCase("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public async Task Credentials_FileThatIsNoKey_AreNamedAndNotShown(string content)
    {
        var file = Path.Combine(_folder, "key.pem");
        await File.WriteAllTextAsync(file, content);
        await using var host = Host($$"""{ "Source": "ClientCredentials", "ClientId": "me", "PrivateKeyFile": "{{file}}" }""");

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => CallAsync(host));

        Assert.That(exception!.Message, Does.Contain($"PrivateKeyFile '{file}'").And.Not.Contain("AAAA"));
    }

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);

    private static async Task<MeshService> ReplaceAsync(MeshService service, Action<HttpContext> handle)
    {
        await service.DisposeAsync();
        return await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"), http =>
        {
            handle(http);
            return Task.CompletedTask;
        });
    }

    private static async Task CallAsync(ClientHost host)
    {
        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private ClientHost Host(string token) => new(Given.Services(
        $$"""{ "orders": { "https": [ "127.0.0.1:{{_orders.Port}}" ] } }""",
        $$"""{ "orders": { "AccessToken": { "TokenEndpoint": "{{_issuer.Address}}", {{token.TrimStart()[1..]}} } }"""));
}
