using System.Net;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests;

/// <summary>A service behind the gateway, on a loopback port of its own. It keeps what it was asked.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    /// <summary>Host and port.</summary>
    public string Address => new Uri(_app.Urls.Single()).Authority;

    /// <summary>The last request's target, as it came over the wire.</summary>
    public string? Target { get; private set; }

    /// <summary>The last request's header.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    public int Requests { get; private set; }

    /// <summary>Who called last, as the handshake showed.</summary>
    public SpiffeId? Peer { get; private set; }

    /// <summary>The protocol of the last request.</summary>
    public string? Protocol { get; private set; }

    public static Task<Backend> StartAsync(RequestDelegate? serve = null) => StartAsync(null, serve);

    /// <summary>Starts a service of the mesh, which takes mutual TLS only.</summary>
    public static Task<Backend> StartInMeshAsync(string name, RequestDelegate serve) => StartAsync(new TestIdentity(name), serve);

    /// <summary>Starts a service that speaks HTTP/2 without TLS and nothing else.</summary>
    public static Task<Backend> StartPlainHttp2Async(RequestDelegate serve) => StartAsync(null, serve, HttpProtocols.Http2);

    private static async Task<Backend> StartAsync(IIdentitySource? identity, RequestDelegate? serve, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (identity is not null)
        {
            builder.Services.AddSingleton(identity);
            builder.AddMeshServer();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (identity is not null)
                {
                    listen.UseHttps();
                }
            });
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        var backend = new Backend(app);
        if (identity is not null)
        {
            app.UseMesh();
        }

        app.UseWebSockets();
        app.Run(http =>
        {
            backend.Record(http);
            return serve is null ? http.Response.WriteAsync("ok") : serve(http);
        });
        await app.StartAsync();
        return backend;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Record(HttpContext http)
    {
        Requests++;
        Peer = MeshContext.Current?.Peer;
        Protocol = http.Request.Protocol;
        Target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Headers = http.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
    }
}
