using Mesh.Identity;
using Mesh.Server.Tests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Spiffe.Tests.Agent;

/// <summary>A process that takes its identity from an agent.</summary>
internal sealed class Workload : IAsyncDisposable
{
    private readonly IHost _host;

    private Workload(IHost host, LogRecorder log)
    {
        _host = host;
        Log = log;
    }

    public LogRecorder Log { get; }

    public IIdentitySource Identity => _host.Services.GetRequiredService<IIdentitySource>();

    public IJwtSvidSource Jwt => _host.Services.GetRequiredService<IJwtSvidSource>();

    public IServiceProvider Services => _host.Services;

    public static async Task<Workload> StartAsync(string address, params (string Key, string Value)[] settings)
    {
        var (host, log) = Build(address, "Production", settings);
        await host.StartAsync();
        return new Workload(host, log);
    }

    public static (IHost Host, LogRecorder Log) Build(string? address, string environment, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment, ApplicationName = "orders" });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["Mesh:Service:TrustDomain"] = "shop.example";
        if (address is not null)
        {
            builder.Configuration["Mesh:Identity:WorkloadApi:Socket"] = address;
        }

        var log = new LogRecorder();
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddMeshSpiffe();
        return (builder.Build(), log);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
