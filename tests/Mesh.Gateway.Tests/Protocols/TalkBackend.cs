using System.Net;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>A gRPC service behind the gateway: HTTP/2, with the mesh's mutual TLS or without TLS.</summary>
internal sealed class TalkBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TalkBackend(WebApplication app) => _app = app;

    public string Address => new Uri(_app.Urls.Single()).Authority;

    public static async Task<TalkBackend> StartAsync(bool inMesh)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (inMesh)
        {
            builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("talk"));
            builder.AddMeshServer();
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (inMesh)
            {
                listen.UseHttps();
            }
        }));
        var app = builder.Build();
        if (inMesh)
        {
            app.UseMesh();
        }

        app.MapGrpcService<TalkService>();
        await app.StartAsync();
        return new TalkBackend(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
