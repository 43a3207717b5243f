using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Tests.Hosting;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Tls;

internal sealed class MeshListenerTests
{
    private const string Storefront = "spiffe://shop.example/ns/shop/sa/storefront";

    [TestCase("1.1")]
    [TestCase("2.0")]
    public async Task Permissive_OnePort_ServesPeersAndPlaintext(string version)
    {
        await using var app = await MeshPort.StartAsync(("PeerAuthentication", "Permissive"));

        using var client = app.Client("https", ServedApp.Authority.Issue("storefront"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo($"https {Storefront}"));
        Assert.That(response.Version, Is.EqualTo(Version.Parse(version)));
        Assert.That(await app.PlaintextAsync("/who"), Does.StartWith("HTTP/1.1 200").And.Contains("http nobody"));
        Assert.That(await app.Client("https", null).GetStringAsync("/who"), Is.EqualTo("https nobody"));
    }

    [Test]
    public async Task Permissive_BadCertificate_IsRefused()
    {
        await using var app = await MeshPort.StartAsync(("PeerAuthentication", "Permissive"));

        using var client = app.Client("https", ServedApp.Authority.IssueExpired("storefront"));

        Assert.That(async () => await client.GetStringAsync("/who"), Throws.InstanceOf<HttpRequestException>());
        Assert.That(() => app.Log.At(LogLevel.Warning), Has.Some.Contains("Expired").After(5000, 20));
    }

    [Test]
    public async Task Strict_Plaintext_GetsProbesAndWordsOnly()
    {
        await using var app = await MeshPort.StartAsync();

        Assert.That(await app.Client("https", ServedApp.Authority.Issue("storefront")).GetStringAsync("/who"), Is.EqualTo($"https {Storefront}"));
        Assert.That(await app.PlaintextAsync("/health"), Does.StartWith("HTTP/1.1 200"));
        Assert.That(await app.PlaintextAsync("/who"), Does.StartWith("HTTP/1.1 403").And.Contains("urn:mesh:problem:peer-required"));
        Assert.That(app.Log.At(LogLevel.Information), Has.Some.Contains("without TLS (PlaintextPeer)"));
        Assert.That(app.Log.At(LogLevel.Information).Where(static line => line.Contains("PlaintextPeer", StringComparison.Ordinal)).Count(), Is.EqualTo(1), "once a minute");
    }

    [Test]
    public async Task Strict_UseMeshIsMissing_PlaintextIsClosedAndPeersAreServed()
    {
        await using var app = await MeshPort.StartAsync(withMesh: false);

        Assert.That(await app.PlaintextAsync("/health"), Is.Empty);
        Assert.That(() => app.Log.At(LogLevel.Warning), Has.Some.Contains("UseMesh(), which would answer it").After(5000, 20));
        Assert.That((await app.Client("https", ServedApp.Authority.Issue("storefront")).GetAsync("/health")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(async () => await app.Client("https", null).GetStringAsync("/health"), Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task Disabled_AsksNobody()
    {
        await using var app = await MeshPort.StartAsync(("PeerAuthentication", "Disabled"));

        Assert.That(await app.Client("https", ServedApp.Authority.Issue("storefront")).GetStringAsync("/who"), Is.EqualTo("https nobody"));
        Assert.That(await app.PlaintextAsync("/who"), Does.Contain("http nobody"));
    }

    [Test]
    public async Task ModeInCode_ComesBeforeThatOfAll()
    {
        await using var app = await MeshPort.StartAsync(PeerAuthenticationMode.Permissive);

        Assert.That(await app.PlaintextAsync("/who"), Does.Contain("http nobody"));
        Assert.That(await app.Client("https", null).GetStringAsync("/who"), Is.EqualTo("https nobody"));
    }

    [Test]
    public async Task ModeOfThePort_ComesBeforeThatInCode_AndIsReloaded()
    {
        await using var app = await MeshPort.StartAsync(PeerAuthenticationMode.Permissive);
        Assert.That(await app.PlaintextAsync("/who"), Does.StartWith("HTTP/1.1 200"));

        app.Reconfigure($"Ports:{app.Port}:PeerAuthentication", "Strict");

        Assert.That(await app.PlaintextAsync("/who"), Does.StartWith("HTTP/1.1 403"));
        Assert.That(async () => await app.Client("https", null).GetStringAsync("/who"), Throws.InstanceOf<HttpRequestException>());
        Assert.That(await app.Client("https", ServedApp.Authority.Issue("storefront")).GetStringAsync("/who"), Is.EqualTo($"https {Storefront}"));
    }

    [Test]
    public async Task PortIsPermissive_OthersStayStrict()
    {
        await using var app = await MeshPort.StartAsync();

        app.Reconfigure($"Ports:{app.Port}:PeerAuthentication", "Permissive");

        Assert.That(await app.PlaintextAsync("/who"), Does.StartWith("HTTP/1.1 200"));
        Assert.That(await RawHttp.SendAsync(app.OtherPort, "GET /who HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"), Does.StartWith("HTTP/1.1 403"));
    }

    [TestCase("Ports:0:PeerAuthentication", "Strict", "Mesh:Server:Ports:0: found '0', allowed is the number of a port")]
    [TestCase("Ports:http:PeerAuthentication", "Strict", "Mesh:Server:Ports:http: found 'http'")]
    [TestCase("Ports:080:PeerAuthentication", "Strict", "Mesh:Server:Ports:080: found '080'")]
    [TestCase("Ports:65536:PeerAuthentication", "Strict", "Mesh:Server:Ports:65536: found '65536'")]
    [TestCase("Ports:8080:PeerAuthentication", "Lax", "Mesh:Server:Ports:8080:PeerAuthentication: found 'Lax', allowed is one of Strict, Permissive, Disabled")]
    [TestCase("Ports:8080:Mode", "Strict", "Mesh:Server:Ports:8080:Mode")]
    [TestCase("Tls:MinimumVersion", "1.1", "Mesh:Server:Tls:MinimumVersion: found '1.1', allowed is one of Tls12, Tls13")]
    [TestCase("ForwardedClientCertificate:TrustedPeers:0", "gateway", "Mesh:Server:ForwardedClientCertificate:TrustedPeers:0: found 'gateway', allowed is a SPIFFE ID")]
    public void Configuration_IsWrong_SaysWhereAndWhatIsAllowed(string key, string value, string expected) =>
        Assert.That(async () => await MeshPort.StartAsync((key, value)), Throws.Exception.Message.Contains(expected));

    [Test]
    public async Task MinimumVersion_Tls13_RefusesOlder()
    {
        await using var app = await MeshPort.StartAsync(("Tls:MinimumVersion", "Tls13"));

        Assert.That(async () => await ProtocolAsync(app, SslProtocols.Tls12), Throws.InstanceOf<Exception>());
        Assert.That(await ProtocolAsync(app, SslProtocols.None), Is.EqualTo(SslProtocols.Tls13));
    }

    [Test]
    public async Task MinimumVersion_NotSaid_IsTls12AndTls13IsPreferred()
    {
        await using var app = await MeshPort.StartAsync();

        Assert.That(await ProtocolAsync(app, SslProtocols.Tls12), Is.EqualTo(SslProtocols.Tls12));
        Assert.That(await ProtocolAsync(app, SslProtocols.None), Is.EqualTo(SslProtocols.Tls13));
    }

    [TestCase(new byte[] { 22 }, Description = "a TLS record that does not go on")]
    [TestCase(new byte[] { 22, 3, 1, 255, 255, 1, 2, 3 })]
    [TestCase(new byte[] { 0, 1, 2, 3, 13, 10, 13, 10 })]
    [TestCase(new byte[] { 128, 46, 1, 3, 1 }, Description = "SSL 2.0")]
    public async Task Garbage_IsClosedAndOthersAreServed(byte[] garbage)
    {
        await using var app = await MeshPort.StartAsync(("PeerAuthentication", "Permissive"));

        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, app.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(garbage);
        socket.Client.Shutdown(SocketShutdown.Send);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (await stream.ReadAsync(new byte[1024], patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        Assert.That(await app.PlaintextAsync("/who"), Does.Contain("http nobody"));
        Assert.That(app.Log.At(LogLevel.Error), Is.Empty);
    }

    [Test]
    public async Task FirstByte_ComesAlone_IsEnough()
    {
        await using var app = await MeshPort.StartAsync(("PeerAuthentication", "Permissive"));
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, app.Port);
        foreach (var part in "GET /who HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n")
        {
            await socket.GetStream().WriteAsync(new[] { (byte)part });
        }

        using var reader = new StreamReader(socket.GetStream());

        Assert.That(await reader.ReadToEndAsync(), Does.Contain("http nobody"));
    }

    [Test]
    public async Task Http2Only_PlaintextIsHttp2Too()
    {
        await using var app = await MeshPort.StartAsync(null, true, HttpProtocols.Http2, ("PeerAuthentication", "Permissive"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await app.Client("http", null).SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("http nobody"));
    }

    [Test]
    public async Task HttpsDefaultsAreReplaced_TheLogSaysWhatToDo()
    {
        await using var app = await ServedApp.StartAsync(
            static app => app.MapGet("/who", static () => "somebody"),
            [],
            static builder => builder.Services.Configure<KestrelServerOptions>(static kestrel =>
            {
                // What a later call of ConfigureKestrel() does.
                kestrel.ConfigureHttpsDefaults(static https => https.ServerCertificate = ServedApp.Authority.Issue("edge").Leaf);
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps());
            }));
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Last(static address => address.StartsWith("https", StringComparison.Ordinal));

        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        using var response = await client.GetAsync(new Uri($"{address}/who"));

        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Forbidden, "peer-required");
        Assert.That(app.Log.At(LogLevel.Warning), Has.Some.Contains("ConfigureHttpsDefaults() was called behind AddMeshServer()"));
    }

    [Test]
    public void UseMeshTls_WithoutAddMeshServer_SaysWhatToCall()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshTls()));

        Assert.That(builder.Build, Throws.InvalidOperationException.With.Message.Contains("AddMeshServer()"));
    }

    private static async Task<SslProtocols> ProtocolAsync(MeshPort app, SslProtocols protocols)
    {
        await using var connection = await RawConnection.OpenAsync(
            new Uri($"https://127.0.0.1:{app.Port}"),
            ServedApp.Authority.Issue("storefront"),
            tls => tls.EnabledSslProtocols = protocols);
        Assert.That(await connection.GetAsync("/who"), Does.Contain(Storefront));
        return connection.Stream.SslProtocol;
    }

    /// <summary>A service with one port that calls <c>UseMeshTls()</c>, and a plaintext one.</summary>
    private sealed class MeshPort : IAsyncDisposable
    {
        private readonly List<HttpClient> _clients = [];
        private readonly WebApplication _app;

        private MeshPort(WebApplication app, LogRecorder log)
        {
            _app = app;
            Log = log;
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            Port = new Uri(addresses.First(static address => address.StartsWith("https", StringComparison.Ordinal))).Port;
            OtherPort = new Uri(addresses.First(static address => address.StartsWith("http:", StringComparison.Ordinal)));
        }

        public LogRecorder Log { get; }

        public int Port { get; }

        public Uri OtherPort { get; }

        public static Task<MeshPort> StartAsync(params (string, string?)[] settings) => StartAsync(null, true, HttpProtocols.Http1AndHttp2, settings);

        public static Task<MeshPort> StartAsync(PeerAuthenticationMode mode) => StartAsync(mode, true, HttpProtocols.Http1AndHttp2);

        public static Task<MeshPort> StartAsync(bool withMesh) => StartAsync(null, withMesh, HttpProtocols.Http1AndHttp2);

        public static async Task<MeshPort> StartAsync(PeerAuthenticationMode? mode, bool withMesh, HttpProtocols protocols, params (string Key, string? Value)[] settings)
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection();
            foreach (var (key, value) in settings)
            {
                builder.Configuration[$"Mesh:Server:{key}"] = value;
            }

            builder.Configuration["Mesh:Server:Drain:Grace"] = "0s";
            builder.Configuration["Mesh:Service:Name"] = "orders";
            var log = new LogRecorder();
            builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
            builder.Services.AddSingleton<IIdentitySource>(ServedApp.Authority.CreateSource("orders"));
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
                {
                    endpoint.Protocols = protocols;
                    _ = mode is { } own ? endpoint.UseMeshTls(own) : endpoint.UseMeshTls();
                });
                kestrel.Listen(IPAddress.Loopback, 0);
            });
            builder.AddMeshServer();
            var app = builder.Build();
            if (withMesh)
            {
                app.UseMesh();
            }

            app.MapGet("/who", static (HttpContext http) => $"{http.Request.Scheme} {http.Features.Get<MeshRequest>()?.Peer?.ToString() ?? "nobody"}");
            app.MapGet("/health", static () => "ok");
            await app.StartAsync();
            return new MeshPort(app, log);
        }

        public HttpClient Client(string scheme, X509Identity? identity)
        {
            var handler = new SocketsHttpHandler
            {
                SslOptions = { ClientCertificateContext = identity?.CertificateContext, RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            };
            var client = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(20) };
            _clients.Add(client);
            return client;
        }

        public Task<string> PlaintextAsync(string path) => RawHttp.SendAsync(
            new Uri($"http://127.0.0.1:{Port}"),
            $"GET {path} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

        public void Reconfigure(string key, string value)
        {
            _app.Configuration[$"Mesh:Server:{key}"] = value;
            ((IConfigurationRoot)_app.Configuration).Reload();
        }

        public async ValueTask DisposeAsync()
        {
            _clients.ForEach(static client => client.Dispose());
            using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await _app.StopAsync(hurry.Token);
            await _app.DisposeAsync();
        }
    }
}
