using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Redis.Tests.Fixtures;

/// <summary>One process of a service whose limit is shared, and a caller of it.</summary>
internal sealed class LimitedNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private LimitedNode(WebApplication app, LogRecorder log)
    {
        _app = app;
        Log = log;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        _client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
    }

    public LogRecorder Log { get; }

    public static async Task<LimitedNode> StartAsync(string connection, params (string Key, string Value)[] limit)
    {
        var (app, log) = Build([("Mesh:Redis:Connection", connection), .. limit.Select(static setting => ($"Mesh:Server:RateLimits:0:{setting.Key}", setting.Value))]);
        await app.StartAsync();
        return new LimitedNode(app, log);
    }

    public static (WebApplication App, LogRecorder Log) Build((string Key, string Value)[] settings, bool withRedis = true)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["Mesh:Service:Name"] = "orders";
        builder.Configuration["Mesh:Server:PeerAuthentication"] = "Disabled";
        builder.Configuration["Mesh:Server:Drain:Grace"] = "0s";
        builder.Configuration["Mesh:Server:RateLimits:0:Partition"] ??= "Global";
        var log = new LogRecorder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddMeshServer();
        if (withRedis)
        {
            builder.Services.AddMeshRedis();
        }

        var app = builder.Build();
        app.UseMesh();
        app.MapGet("/", static () => "ok");
        return (app, log);
    }

    public async Task<int> CallAsync()
    {
        using var response = await _client.GetAsync(new Uri("/", UriKind.Relative));
        return (int)response.StatusCode;
    }

    public Task<HttpResponseMessage> GetAsync() => _client.GetAsync(new Uri("/", UriKind.Relative));

    public async Task<int> CountAllowedAsync(int requests)
    {
        var allowed = 0;
        for (var i = 0; i < requests; i++)
        {
            allowed += await CallAsync() == 200 ? 1 : 0;
        }

        return allowed;
    }

    /// <summary>Calls without a pause until it is told to stop, and says how long each call took.</summary>
    public async Task<(ConcurrentQueue<TimeSpan> Times, ConcurrentQueue<int> Statuses)> LoadAsync(int callers, CancellationToken stop)
    {
        ConcurrentQueue<TimeSpan> times = new();
        ConcurrentQueue<int> statuses = new();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var start = Stopwatch.GetTimestamp();
                statuses.Enqueue(await CallAsync());
                times.Enqueue(Stopwatch.GetElapsedTime(start));
            }
        }));
        return (times, statuses);
    }

    public void Reconfigure(string key, string value)
    {
        var root = (IConfigurationRoot)_app.Configuration;
        root[key] = value;
        root.Reload();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }
}
