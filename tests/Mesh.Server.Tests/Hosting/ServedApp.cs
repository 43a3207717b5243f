using System.Net;
using System.Net.Security;
using Mesh.Identity;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Tests.Hosting;

/// <summary>A mesh service on real sockets: one https endpoint and one plaintext endpoint, and callers for both.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private readonly List<HttpClient> _clients = [];
    private readonly WebApplication _app;
    private HttpClient? _storefront;

    private ServedApp(WebApplication app, LogRecorder log)
    {
        _app = app;
        Log = log;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Https = new Uri(addresses.First(static address => address.StartsWith("https", StringComparison.Ordinal)));
        Http = new Uri(addresses.First(static address => address.StartsWith("http:", StringComparison.Ordinal)));
    }

    public static TestCertificateAuthority Authority { get; } = new("shop.example", "shop");

    public LogRecorder Log { get; }

    public Uri Https { get; }

    public Uri Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ServedApp> StartAsync(
        Action<WebApplication> map,
        IEnumerable<(string Key, string? Value)> settings,
        Action<WebApplicationBuilder>? configure = null)
    {
        var (app, log) = Build(map, settings, configure);
        await app.StartAsync();
        return new ServedApp(app, log);
    }

    public static (WebApplication App, LogRecorder Log) Build(
        Action<WebApplication> map,
        IEnumerable<(string Key, string? Value)> settings,
        Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create($"Mesh:Server:{setting.Key}", setting.Value)));
        builder.Configuration["Mesh:Server:Drain:Grace"] ??= "0s";
        builder.Configuration["Mesh:Service:Name"] = "orders";
        builder.Configuration["Mesh:Service:Namespace"] = "shop";
        builder.Configuration["Mesh:Service:TrustDomain"] = "shop.example";
        var log = new LogRecorder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<IIdentitySource>(Authority.CreateSource("orders"));
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps());
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        configure?.Invoke(builder);
        builder.AddMeshServer();
        var app = builder.Build();
        app.UseMesh();
        map(app);
        return (app, log);
    }

    /// <summary>A caller from the mesh: the storefront, unless another identity is given.</summary>
    public HttpClient Peer(X509Identity? identity = null) => identity is null
        ? _storefront ??= Create(Https, Authority.Issue("storefront").CertificateContext)
        : Create(Https, identity.CertificateContext);

    /// <summary>A caller over TLS without a certificate.</summary>
    public HttpClient Anonymous() => Create(Https, null);

    /// <summary>A caller over plaintext.</summary>
    public HttpClient Plaintext() => Create(Http, null);

    public void Reconfigure(params (string Key, string? Value)[] settings)
    {
        var root = (IConfigurationRoot)_app.Configuration;
        foreach (var (key, value) in settings)
        {
            root[$"Mesh:Server:{key}"] = value;
        }

        root.Reload();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private HttpClient Create(Uri address, SslStreamCertificateContext? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = { ClientCertificateContext = certificate, RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            UseProxy = false,
        };
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        _clients.Add(client);
        return client;
    }
}
