using Mesh.Benchmarks.Measuring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Client;

/// <summary>
/// What the client adds to a call: bare <see cref="HttpClient"/>, Microsoft's resilience handler with service
/// discovery, and the mesh with all its policies, over the same stub.
/// </summary>
internal static class ClientBenchmark
{
    // Short rounds and many: most of them are over before the machine turns to something else.
    private const int CallsPerRound = 2_000;
    private const int Rounds = 201;

    /// <summary>What the mesh may add, as a share of what Microsoft's pair adds.</summary>
    private const double Budget = 0.2;

    private static readonly Uri Service = new("http://orders");
    private static readonly Uri Target = new("/orders/1", UriKind.Relative);

    public static async Task<int> RunAsync(bool check)
    {
        await RunAsync("stub that answers at once, as no network does", completesLater: false);
        var met = await RunAsync("stub that answers later, as a network does", completesLater: true);
        return met || !check ? 0 : 1;
    }

    private static async Task<bool> RunAsync(string title, bool completesLater)
    {
        using var stub = new StubHandler(completesLater);
        using var bare = new HttpClient(stub, disposeHandler: false) { BaseAddress = Service };
        using var microsoft = Build(stub, static services => services.ConfigureHttpClientDefaults(static http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        }));
        using var mesh = Build(stub, static services => services.AddMeshClient());
        var microsoftClient = ClientOf(microsoft);
        var meshClient = ClientOf(mesh);
        var figures = await InterleavedRounds.MeasureAsync(
            [
                new("bare HttpClient", () => GetAsync(bare, stub)),
                new("AddStandardResilienceHandler + AddServiceDiscovery", () => GetAsync(microsoftClient, stub)),
                new("AddMeshClient", () => GetAsync(meshClient, stub)),
            ],
            CallsPerRound,
            Rounds);

        Console.WriteLine($"{title} (medians of {Rounds} interleaved rounds, {CallsPerRound} calls each)");
        foreach (var figure in figures)
        {
            Console.WriteLine($"  {figure.Name,-52} {figure.Nanoseconds,8:0} ns  {figure.Bytes,6:0} B   added {figure.Nanoseconds - figures[0].Nanoseconds,6:0} ns  {figure.Bytes - figures[0].Bytes,5:0} B");
        }

        var time = Share(static figure => figure.Nanoseconds);
        var bytes = Share(static figure => figure.Bytes);
        var met = time <= Budget && bytes <= Budget;
        var verdict = completesLater ? $"(budget {Budget:0.00}): {(met ? "met" : "MISSED")}" : "(for comparison)";
        Console.WriteLine($"  mesh ÷ Microsoft's pair, of what is added: time {time:0.000}, bytes {bytes:0.000} {verdict}");
        return met;

        double Share(Func<Figure, double> value) => (value(figures[2]) - value(figures[0])) / (value(figures[1]) - value(figures[0]));
    }

    private static async Task GetAsync(HttpClient client, StubHandler stub)
    {
        var answer = client.GetAsync(Target);
        stub.Answer();
        while (!answer.IsCompleted)
        {
            // The very first call waits for discovery before it gets to the stub.
            await Task.Yield();
            stub.Answer();
        }

        using var response = await answer;
        response.EnsureSuccessStatusCode();
    }

    private static HttpClient ClientOf(IHost host) => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

    private static IHost Build(StubHandler stub, Action<IServiceCollection> join)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Services:orders:http:0"] = "10.0.0.1:80",
            ["Services:orders:http:1"] = "10.0.0.2:80",
            ["Services:orders:http:2"] = "10.0.0.3:80",
            ["Mesh:Client:Defaults:LoadBalancing:Policy"] = "PeakEwma",
            ["Mesh:Client:Defaults:Ejection:SuccessRate:Enabled"] = "true",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddServiceDiscovery();
        builder.Services.AddHttpClient("orders", static client => client.BaseAddress = Service).ConfigurePrimaryHttpMessageHandler(() => stub).RemoveAllLoggers();
        join(builder.Services);
        return builder.Build();
    }
}
