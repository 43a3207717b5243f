using System.Net;
using Mesh.Benchmarks.Identity;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Server;

/// <summary>An application with one empty endpoint, <c>GET /orders/{id}</c>, behind whatever is to be measured.</summary>
internal sealed class BenchmarkApp : IAsyncDisposable
{
    private const int Room = 16;

    private readonly WebApplication _app;
    private readonly InProcessServer _server;

    // What the mesh keeps about a TLS connection; all requests come over one.
    private readonly PeerConnection _connection = new(new DefaultConnectionContext(), new BenchmarkIdentity().Current, listener: null);

    private BenchmarkApp(WebApplication app, InProcessServer server)
    {
        _app = app;
        _server = server;
    }

    /// <param name="join">Adds services.</param>
    /// <param name="use">Adds middleware; the endpoint follows.</param>
    /// <param name="authorize">Whether the endpoint asks for an authenticated caller.</param>
    /// <param name="settings">Below <c>Mesh</c>; nobody is asked for a certificate.</param>
    public static async Task<BenchmarkApp> StartAsync(
        Action<WebApplicationBuilder> join,
        Action<WebApplication> use,
        bool authorize = false,
        params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create<string, string?>($"Mesh:{setting.Key}", setting.Value)));
        builder.Configuration["Mesh:Service:TrustDomain"] = "shop.example";
        builder.Configuration["Mesh:Server:PeerAuthentication"] = "Disabled";
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var server = new InProcessServer();
        builder.Services.AddSingleton<IServer>(server);
        builder.Services.AddRouting();
        join(builder);
        var app = builder.Build();
        use(app);
        var endpoint = app.MapGet("/orders/{id}", static http =>
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        if (authorize)
        {
            endpoint.RequireAuthorization();
        }

        await app.StartAsync();
        return new BenchmarkApp(app, server);
    }

    /// <summary>Serves one request, which must reach the endpoint.</summary>
    public async Task ServeAsync(string? authorization)
    {
        var request = new HttpRequestFeature { Method = "GET", Path = "/orders/17", RawTarget = "/orders/17", Scheme = "http", Protocol = "HTTP/1.1" };
        request.Headers.Host = "orders";
        if (authorization is not null)
        {
            request.Headers.Authorization = authorization;
        }

        // Kestrel keeps room for features and fields from one request of a connection to the next; here it is made for every
        // contender before anything is measured of it.
        var response = new HttpResponseFeature { Headers = new HeaderDictionary(Room) };
        var features = new FeatureCollection(Room);
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set(_connection);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Loopback });
        await _server.ServeAsync(features);
        if (response.StatusCode != StatusCodes.Status204NoContent)
        {
            throw new InvalidOperationException($"The request was answered {response.StatusCode}.");
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
