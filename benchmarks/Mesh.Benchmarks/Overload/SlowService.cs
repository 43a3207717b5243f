using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Overload;

/// <summary>A service that can do sixteen things at a time, of 20 ms each, and does them even when nobody waits any more.</summary>
internal sealed class SlowService(WebApplication app) : IAsyncDisposable
{
    public const int Workers = 16;

    public Uri Address { get; } = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<SlowService> StartAsync(bool shedding)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Server:PeerAuthentication"] = "Disabled",
            ["Mesh:Server:LoadShedding:Algorithm"] = shedding ? "Gradient" : "Off",
            ["Mesh:Server:LoadShedding:Routes:0:Paths:0"] = "/sheddable",
            ["Mesh:Server:LoadShedding:Routes:0:Criticality"] = "Sheddable",
        });
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddMeshServer();
        var app = builder.Build();
        app.UseMesh();
        var workers = new SemaphoreSlim(Workers);
        app.MapGet("/{anything}", async () =>
        {
            await workers.WaitAsync();
            try
            {
                await Task.Delay(20);
                return "done";
            }
            finally
            {
                workers.Release();
            }
        });
        await app.StartAsync();
        return new SlowService(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
