using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests;

/// <summary>A gateway on a loopback port, configured by JSON.</summary>
internal sealed class Edge : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = new TestIdentity("edge").Current.Leaf;

    private readonly WebApplication _app;
    private readonly JsonSettings _settings;

    private Edge(WebApplication app, JsonSettings settings)
    {
        _app = app;
        _settings = settings;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>Where it speaks TLS, with a certificate that no browser would take.</summary>
    public Uri TlsAddress => new(_app.Urls.First(static url => url.StartsWith("https", StringComparison.Ordinal)));

    /// <summary>Where it speaks HTTP/2 without TLS.</summary>
    public Uri Http2Address => new(_app.Urls.Last());

    /// <summary>Starts a gateway.</summary>
    /// <param name="routes">The value of <c>Mesh:Gateway:Routes</c>.</param>
    /// <param name="services">The addresses of the services by name, or values by their key below <c>Services</c>.</param>
    public static Task<Edge> StartAsync(string routes, params (string Name, string Address)[] services) => StartAsync("http", Compose(routes), services);

    /// <summary>Starts a gateway that calls its services over mutual TLS.</summary>
    public static Task<Edge> StartInMeshAsync(string routes, params (string Name, string Address)[] services) => StartAsync("https", Compose(routes), services);

    /// <summary>Starts a gateway with settings of its client: the members of <c>Mesh:Client</c>.</summary>
    public static Task<Edge> StartWithClientAsync(string routes, string client, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, client), services);

    /// <summary>Starts a gateway whose routes may have faults.</summary>
    public static Task<Edge> StartWithFaultsAsync(string routes, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, more: """ "Faults": { "AllowInProduction": true }, """), services);

    /// <summary>Starts a gateway with more members of <c>Mesh:Gateway</c> and of <c>Mesh</c>, each followed by a comma.</summary>
    public static Task<Edge> StartWithMembersAsync(string routes, string gateway, string mesh, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, more: mesh, gateway: gateway), services);

    /// <summary>Starts a gateway as <see cref="StartWithMembersAsync"/> does, and maps the report of its usage.</summary>
    public static Task<Edge> StartWithUsageAsync(string routes, string gateway, string mesh, bool maps, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, more: mesh, gateway: gateway), services, maps);

    /// <summary>Starts a gateway with more members of <c>Mesh:Gateway</c>, and middleware of the application in front of it.</summary>
    public static Task<Edge> StartWithPipelineAsync(string routes, string gateway, Action<WebApplication> use, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, gateway: gateway), services, use: use);

    /// <summary>Starts a gateway as <see cref="StartWithMembersAsync"/> does, with more services of its own.</summary>
    public static Task<Edge> StartWithAsync(Action<WebApplicationBuilder> add, string routes, string gateway, string mesh, params (string Name, string Address)[] services) =>
        StartAsync("http", Compose(routes, more: mesh, gateway: gateway), services, add: add);

    private static async Task<Edge> StartAsync(
        string scheme,
        string json,
        (string Name, string Address)[] services,
        bool mapsUsage = false,
        Action<WebApplicationBuilder>? add = null,
        Action<WebApplication>? use = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = "edge" });
        var settings = new JsonSettings(json);
        ((IConfigurationBuilder)builder.Configuration).Add(settings);
        builder.Configuration.AddInMemoryCollection(services.Select(service => KeyValuePair.Create(
            service.Name.Contains(':', StringComparison.Ordinal) ? $"Services:{service.Name}" : $"Services:{service.Name}:{scheme}:0", (string?)service.Address)));
        builder.Configuration["Mesh:Server:Drain:Grace"] = "0s";
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseHttps(static https => https.ServerCertificateSelector = static (_, _) => Certificate));
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.MaxRequestBodySize = 50_000_000;
        });
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        builder.AddMeshGateway();
        add?.Invoke(builder);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapGet("/own", static () => "own");
        if (mapsUsage)
        {
            app.MapMeshUsage();
        }

        app.MapMeshGateway();
        await app.StartAsync();
        return new Edge(app, settings);
    }

    /// <summary>One route that takes everything.</summary>
    public static string Everything(string service, string more = "") =>
        $$"""{ "all": { "Rules": [ { "BackendRefs": [ { "Name": "{{service}}" } ]{{(more.Length == 0 ? "" : ", ")}}{{more}} } ] } }""";

    public void Reload(string routes, string gateway = "") => _settings.Replace(Compose(routes, gateway: gateway));

    public void Reload(string routes, string gateway, string mesh) => _settings.Replace(Compose(routes, more: mesh, gateway: gateway));

    /// <summary>Sends bytes and reads until the connection ends; for what <see cref="HttpClient"/> would not send.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    public Task<string> GetRawAsync(string target, params string[] headers) => SendRawAsync(
        $"GET {target} HTTP/1.1\r\nHost: shop.example\r\n{string.Concat(headers.Select(static header => $"{header}\r\n"))}{(headers.Any(static header => header.StartsWith("Connection", StringComparison.OrdinalIgnoreCase)) ? "" : "Connection: close\r\n")}\r\n");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static string Compose(string routes, string client = "", string more = "", string gateway = "") =>
        $$"""{ "Mesh": { {{more}}"Service": { "Name": "edge" }, "Client": { {{client}} }, "Gateway": { {{gateway}}"Routes": {{routes}} } } }""";

    /// <summary>A configuration file without the file.</summary>
    private sealed class JsonSettings(string json) : ConfigurationProvider, IConfigurationSource
    {
        private string _json = json;

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load()
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(_json));
            Data = new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase);
        }

        public void Replace(string json)
        {
            _json = json;
            Load();
            OnReload();
        }
    }
}
