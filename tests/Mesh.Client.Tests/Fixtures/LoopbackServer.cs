using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>One plaintext server that several loopback addresses lead to.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _connections;

    private LoopbackServer(int addresses, IPAddress address, RequestDelegate? handle, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (var i = 0; i < addresses; i++)
            {
                kestrel.Listen(address, 0, listen =>
                {
                    listen.Protocols = protocols;
                    listen.Use(next => async connection =>
                    {
                        Interlocked.Increment(ref _connections);
                        try
                        {
                            await next(connection);
                        }
                        finally
                        {
                            Interlocked.Decrement(ref _connections);
                        }
                    });
                });
            }
        });
        _app = builder.Build();
        _app.Run(handle ?? (static context => context.Response.WriteAsync("ok")));
    }

    public IReadOnlyList<string> Endpoints => [.. _app.Urls.Select(static url => new Uri(url).Authority)];

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>How many connections are open.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static Task<LoopbackServer> StartAsync(int addresses, RequestDelegate? handle = null, HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync(new LoopbackServer(addresses, IPAddress.Loopback, handle, protocols));

    /// <summary>One that all of 127.0.0.0/8 leads to: as many endpoints as there may be, behind one port.</summary>
    public static Task<LoopbackServer> StartEverywhereAsync() => StartAsync(new LoopbackServer(1, IPAddress.Any, handle: null, HttpProtocols.Http1));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<LoopbackServer> StartAsync(LoopbackServer server)
    {
        await server._app.StartAsync();
        return server;
    }
}
