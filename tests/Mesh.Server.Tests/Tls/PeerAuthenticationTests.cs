using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Tls;

internal sealed class PeerAuthenticationTests
{
    private const string Storefront = "spiffe://shop.example/ns/shop/sa/storefront";

    [Test]
    public async Task Strict_VerifiedPeer_IsKnownToTheApplication()
    {
        await using var app = await StartAsync();

        Assert.That(await app.Peer().GetStringAsync("/who"), Is.EqualTo($"{Storefront} {Storefront}"));
    }

    [Test]
    public async Task Strict_ServerShowsItsIdentityAndNotACertificateOfItsHost()
    {
        await using var app = await StartAsync();

        Assert.That(await ServerIdAsync(app), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
    }

    [Test]
    public async Task Strict_NoCertificate_RefusesTheHandshake()
    {
        await using var app = await StartAsync();

        await AssertHandshakeRefusedAsync(app, null, "NoCertificate");
    }

    [Test]
    public async Task Strict_UnknownTrustDomain_RefusesTheHandshakeAndSaysWhoItWas()
    {
        using var foreign = new TestCertificateAuthority("other.example");
        await using var app = await StartAsync();

        await AssertHandshakeRefusedAsync(app, foreign.Issue("storefront"), "UnknownTrustDomain", "spiffe://other.example/ns/default/sa/storefront");
    }

    [Test]
    public async Task Strict_OtherAuthorityOfTheSameDomain_RefusesTheHandshake()
    {
        using var impostor = new TestCertificateAuthority("shop.example", "shop");
        await using var app = await StartAsync();

        await AssertHandshakeRefusedAsync(app, impostor.Issue("storefront"), "Untrusted");
    }

    [Test]
    public async Task Strict_ExpiredCertificate_RefusesTheHandshake()
    {
        await using var app = await StartAsync();

        await AssertHandshakeRefusedAsync(app, ServedApp.Authority.IssueExpired("storefront"), "Expired");
    }

    [Test]
    public async Task Strict_CertificateOfTomorrow_RefusesTheHandshake()
    {
        await using var app = await StartAsync();

        await AssertHandshakeRefusedAsync(app, ServedApp.Authority.IssueNotYetValid("storefront"), "NotYetValid");
    }

    [Test]
    public async Task Strict_PeerLeavesWithoutARequest_TheLogSaysThatItMayHaveRefusedUs()
    {
        await using var app = await StartAsync();

        await using (var connection = await RawConnection.OpenAsync(app.Https, ServedApp.Authority.Issue("storefront")))
        {
            // As a client does that does not like what it has seen. In order: a socket that is closed over unread session tickets
            // resets the connection, and a reset may reach the server before it has read who the peer is.
            await connection.Stream.ShutdownAsync();
            await connection.ReadToEndAsync(TimeSpan.FromSeconds(10));
        }

        Assert.That(() => app.Log.At(LogLevel.Information), Has.Some.Contains($"{Storefront} at 127.0.0.1:").And.Some.Contains("without a request").After(5000, 20));
    }

    [Test]
    public async Task Strict_CertificateOfAnIntermediate_IsAccepted()
    {
        var (source, identity) = IntermediateAuthority.Issue();
        using (source)
        {
            await using var app = await ServedApp.StartAsync(Map, [], builder => builder.Services.AddSingleton<IIdentitySource>(source));

            Assert.That(await app.Peer(identity).GetStringAsync("/who"), Is.EqualTo($"{Storefront} {Storefront}"));
        }
    }

    [Test]
    public async Task Strict_EndpointAsksForCertificatesItself_TheLogSaysWhatToRemove()
    {
        await using var app = await ServedApp.StartAsync(Map, [], static builder => builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps(static https => https.ClientCertificateMode = ClientCertificateMode.RequireCertificate))));
        var addresses = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses;

        foreach (var address in addresses.Where(static address => address.StartsWith("https", StringComparison.Ordinal)))
        {
            try
            {
                using var certificate = await ServerCertificateAsync(new Uri(address));
            }
            catch (IOException)
            {
                // One of the two endpoints.
            }
        }

        Assert.That(() => app.Log.Entries.Select(static entry => $"{entry.Level} {entry.Message}"), Has.Some.Contains("remove it, Mesh:Server:PeerAuthentication").After(5000, 20));
    }

    [Test]
    public async Task Strict_Plaintext_IsRefused()
    {
        await using var app = await StartAsync();

        using var response = await app.Plaintext().GetAsync("/who");

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "peer-required");
    }

    [TestCase("/health", HttpStatusCode.OK)]
    [TestCase("/Alive", HttpStatusCode.OK)]
    [TestCase("/health/x", HttpStatusCode.Forbidden)]
    [TestCase("/health/../who", HttpStatusCode.Forbidden)]
    public async Task Strict_PlaintextPath_IsServedToAnybody(string path, HttpStatusCode expected)
    {
        await using var app = await StartAsync();

        var raw = await RawHttp.SendAsync(app.Http, $"GET {path} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        Assert.That(raw, Does.StartWith($"HTTP/1.1 {(int)expected} "));
    }

    [Test]
    public async Task Permissive_NoCertificate_IsServedWithoutAPeer()
    {
        await using var app = await StartAsync(("PeerAuthentication", "Permissive"));

        Assert.That(await app.Anonymous().GetStringAsync("/who"), Is.EqualTo("nobody nobody"));
        Assert.That(await app.Plaintext().GetStringAsync("/who"), Is.EqualTo("nobody nobody"));
        Assert.That(await app.Peer().GetStringAsync("/who"), Is.EqualTo($"{Storefront} {Storefront}"));
    }

    [Test]
    public async Task Permissive_BadCertificate_RefusesTheHandshake()
    {
        await using var app = await StartAsync(("PeerAuthentication", "Permissive"));

        await AssertHandshakeRefusedAsync(app, ServedApp.Authority.IssueExpired("storefront"), "Expired");
    }

    [Test]
    public async Task Disabled_CertificateIsNotAskedFor()
    {
        await using var app = await StartAsync(("PeerAuthentication", "Disabled"));

        Assert.That(await app.Peer().GetStringAsync("/who"), Is.EqualTo("nobody nobody"));
        Assert.That(await app.Anonymous().GetStringAsync("/who"), Is.EqualTo("nobody nobody"));
        Assert.That(await app.Plaintext().GetStringAsync("/who"), Is.EqualTo("nobody nobody"));
    }

    [Test]
    public async Task Disabled_CertificateOfTheEndpoint_IsKept()
    {
        using var own = CreateHostCertificate();
        await using var app = await ServedApp.StartAsync(
            Map,
            [("PeerAuthentication", "Disabled")],
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(own))));
        var addresses = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses;

        var subjects = new List<string>();
        foreach (var address in addresses.Where(static address => address.StartsWith("https", StringComparison.Ordinal)))
        {
            subjects.Add((await ServerCertificateAsync(new Uri(address))).Subject);
        }

        Assert.That(subjects, Has.One.EqualTo("CN=shop.example"));
    }

    [Test]
    public async Task Rotation_NextConnectionUsesTheNewIdentity()
    {
        var source = ServedApp.Authority.CreateSource("orders");
        await using var app = await ServedApp.StartAsync(Map, [], builder => builder.Services.AddSingleton<IIdentitySource>(source));
        var before = (await ServerCertificateAsync(app.Https)).SerialNumber;

        source.Rotate(ServedApp.Authority.Issue("orders"));

        Assert.That((await ServerCertificateAsync(app.Https)).SerialNumber, Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Reload_ModeChanges_NextConnectionFollows()
    {
        await using var app = await StartAsync(("PeerAuthentication", "Permissive"));
        Assert.That((await app.Anonymous().GetAsync("/who")).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        app.Reconfigure(("PeerAuthentication", "Strict"));

        await AssertHandshakeRefusedAsync(app, null, "NoCertificate");
    }

    private static Task<ServedApp> StartAsync(params (string, string?)[] settings) => ServedApp.StartAsync(Map, settings);

    private static void Map(WebApplication app)
    {
        app.MapGet("/who", (HttpContext http) =>
            $"{MeshContext.Current?.Peer?.ToString() ?? "nobody"} {http.Features.Get<MeshRequest>()?.Peer?.ToString() ?? "nobody"}");
        app.MapGet("/health", () => "ok");
        app.MapGet("/alive", () => "ok");
    }

    private static async Task AssertHandshakeRefusedAsync(ServedApp app, X509Identity? caller, params string[] expected)
    {
        Assert.That(async () => await ConnectAsync(app.Https, caller), Throws.InstanceOf<IOException>());
        var warnings = app.Log.At(LogLevel.Warning).ToList();
        for (var i = 0; warnings.Count == 0 && i < 200; i++)
        {
            await Task.Delay(10);
            warnings = [.. app.Log.At(LogLevel.Warning)];
        }

        Assert.That(warnings, Has.Count.EqualTo(1), string.Join('\n', warnings));
        foreach (var text in expected)
        {
            Assert.That(warnings[0], Does.Contain(text));
        }
    }

    private static async Task<string> ServerIdAsync(ServedApp app)
    {
        using var certificate = await ServerCertificateAsync(app.Https);
        return new X509Identity(WithKey(certificate), [], ServedApp.Authority.Trust).Id.ToString();
    }

    // X509Identity is the one public reader of SPIFFE IDs, and it wants a key.
    private static X509Certificate2 WithKey(X509Certificate2 certificate)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        foreach (var extension in certificate.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
    }

    private static Task<X509Certificate2> ServerCertificateAsync(Uri address) => ConnectAsync(address, ServedApp.Authority.Issue("storefront"));

    // One connection: HttpClient would try several.
    private static async Task<X509Certificate2> ConnectAsync(Uri address, X509Identity? caller)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var ssl = new SslStream(socket.GetStream());
        await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "orders",
            ClientCertificateContext = caller?.CertificateContext,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });

        // With TLS 1.3 a client learns only from what follows the handshake whether it was accepted.
        await ssl.WriteAsync("GET /who HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"u8.ToArray());
        return await ssl.ReadAsync(new byte[1]) == 1
            ? X509CertificateLoader.LoadCertificate(ssl.RemoteCertificate!.GetRawCertData())
            : throw new IOException("The server closed the connection.");
    }

    private static X509Certificate2 CreateHostCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop.example", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
    }
}
