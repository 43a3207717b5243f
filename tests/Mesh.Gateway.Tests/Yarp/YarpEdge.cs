using System.Net;
using System.Text;
using Mesh.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Mesh.Gateway.Tests.Yarp;

/// <summary>An application of YARP's that sends through the mesh: one cluster, <c>orders</c>, that takes everything.</summary>
internal sealed class YarpEdge : IAsyncDisposable
{
    private readonly WebApplication _app;

    private YarpEdge(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    /// <summary>Starts it.</summary>
    /// <param name="destinations">The addresses of the destinations.</param>
    /// <param name="more">More members of the cluster, each behind a comma.</param>
    /// <param name="settings">More of the configuration, by key.</param>
    public static async Task<YarpEdge> StartAsync(string[] destinations, string more = "", params (string Key, string Value)[] settings)
    {
        var named = destinations.Select(static (address, i) => $$""" "d{{i}}": { "Address": "{{address}}" } """);
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""
            {
              "Routes": { "all": { "ClusterId": "orders", "Match": { "Path": "{**rest}" } } },
              "Clusters": { "orders": { "Destinations": { {{string.Join(", ", named)}} } {{more}} } }
            }
            """));
        var section = new ConfigurationBuilder().AddJsonStream(json).Build();
        return await StartAsync(proxy => proxy.LoadFromConfig(section), settings, null);
    }

    /// <summary>Starts it with clusters that a test changes.</summary>
    public static Task<YarpEdge> StartAsync(IProxyConfigProvider clusters, Action<IServiceCollection>? configure = null) =>
        StartAsync(proxy => proxy.Services.AddSingleton(clusters), [], configure);

    private static async Task<YarpEdge> StartAsync(
        Action<IReverseProxyBuilder> load, (string Key, string Value)[] settings, Action<IServiceCollection>? configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = "edge" });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["Mesh:Service:Name"] = "edge";
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IIdentitySource>(new TestIdentity("edge"));
        var proxy = builder.Services.AddReverseProxy();
        load(proxy);
        proxy.AddMesh();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync();
        return new YarpEdge(app);
    }

    public Task<string> GetAsync(string path = "/") => Client.GetStringAsync(new Uri(path, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
