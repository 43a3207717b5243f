using System.Diagnostics;
using System.Net;
using System.Net.Security;
using Mesh.Benchmarks.Measuring;
using Mesh.Identity;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Identity;

/// <summary>
/// What it costs to know who is at the other end: a new mutual TLS connection verified by the mesh against the same
/// handshake verified by the platform, and asking for the peer on a connection that stands.
/// </summary>
internal static class IdentityBenchmark
{
    private const int ConnectionsPerRound = 60;
    private const int Questions = 1_000_000;
    private const double HandshakeBudget = 1.15;
    private const double QuestionBudgetNanoseconds = 200;

    public static async Task<int> RunAsync(bool check)
    {
        var identity = new BenchmarkIdentity();
        var met = await HandshakesAsync(identity);
        met &= await QuestionsAsync(identity);
        return met || !check ? 0 : 1;
    }

    private static async Task<bool> HandshakesAsync(BenchmarkIdentity identity)
    {
        await using var platformServer = await StartPlatformServerAsync(identity);
        await using var meshServer = await StartMeshServerAsync(identity, static _ => Results.Ok());
        using var platform = PlatformClient(identity, PortOf(platformServer));
        using var meshHost = MeshClientHost(identity, PortOf(meshServer));
        var mesh = meshHost.Services.GetRequiredService<IHttpClientFactory>().CreateClient("bench");
        var figures = await InterleavedRounds.MeasureAsync(
            [
                new("platform's validation", () => ConnectAsync(platform, $"https://{BenchmarkIdentity.Host}:{PortOf(platformServer)}/")),
                new("mesh validation", () => ConnectAsync(mesh, "https://bench/")),
            ],
            ConnectionsPerRound);

        Console.WriteLine($"a new mutual TLS connection and one request, both sides in this process (medians of interleaved rounds, {ConnectionsPerRound} each)");
        foreach (var figure in figures)
        {
            Console.WriteLine($"  {figure.Name,-24} {figure.Nanoseconds / 1000,8:0} µs  {figure.Bytes / 1024,6:0.0} KiB");
        }

        var ratio = figures[1].Nanoseconds / figures[0].Nanoseconds;
        var met = ratio <= HandshakeBudget;
        Console.WriteLine($"  mesh ÷ platform: {ratio:0.00} (budget {HandshakeBudget:0.00}): {(met ? "met" : "MISSED")}");
        return met;
    }

    // Asked inside of a request: the features are Kestrel's own, and so is the way through them.
    private static async Task<bool> QuestionsAsync(BenchmarkIdentity identity)
    {
        var question = (Nanoseconds: double.MaxValue, Bytes: double.MaxValue);
        await using var server = await StartMeshServerAsync(identity, http =>
        {
            var medians = Enumerable.Range(0, 9).Select(_ => Ask(http)).OrderBy(static round => round.Nanoseconds).ToArray();
            question = medians[medians.Length / 2];
            return Results.Ok();
        });
        using var host = MeshClientHost(identity, PortOf(server));
        var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("bench");
        for (var i = 0; i < 3; i++)
        {
            (await client.GetAsync(new Uri("https://bench/"))).EnsureSuccessStatusCode();
        }

        var met = question.Nanoseconds <= QuestionBudgetNanoseconds && question.Bytes < 1;
        Console.WriteLine("who is the peer of this request, on a connection that stands");
        Console.WriteLine($"  {question.Nanoseconds,6:0.0} ns  {question.Bytes,4:0.00} B (budget {QuestionBudgetNanoseconds:0} ns, 0 B): {(met ? "met" : "MISSED")}");
        return met;
    }

    private static (double Nanoseconds, double Bytes) Ask(HttpContext http)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Questions; i++)
        {
            var connection = http.Features.Get<PeerConnection>();
            connection!.Serve(http);
            if (connection.Peer is null)
            {
                throw new InvalidOperationException("The handshake has verified it.");
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        return (elapsed.TotalNanoseconds / Questions, (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / Questions);
    }

    private static async Task ConnectAsync(HttpClient client, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { ConnectionClose = true } };
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<WebApplication> StartMeshServerAsync(BenchmarkIdentity identity, Func<HttpContext, IResult> answer)
    {
        var builder = CreateBuilder();
        builder.Configuration["Urls"] = "https://127.0.0.1:0";
        builder.Configuration["Mesh:Service:TrustDomain"] = "bench.example";
        builder.Services.AddSingleton<IIdentitySource>(identity);
        builder.AddMeshServer();
        var app = builder.Build();
        app.UseMesh();
        app.MapGet("/", answer);
        await app.StartAsync();
        return app;
    }

    private static async Task<WebApplication> StartPlatformServerAsync(BenchmarkIdentity identity)
    {
        var builder = CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = identity.Current.CertificateContext,
                ClientCertificateRequired = true,
                AllowTlsResume = false,
                CertificateChainPolicy = identity.PlatformPolicy(),
            }),
        })));
        var app = builder.Build();
        app.MapGet("/", static () => Results.Ok());
        await app.StartAsync();
        return app;
    }

    private static HttpClient PlatformClient(BenchmarkIdentity identity, int port) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = identity.Current.CertificateContext,
            AllowTlsResume = false,
            CertificateChainPolicy = identity.PlatformPolicy(),
        },
        ConnectCallback = async (_, cancellationToken) =>
        {
            // As the mesh dials: by address.
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
    });

    private static IHost MeshClientHost(BenchmarkIdentity identity, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:TrustDomain"] = "bench.example",
            ["Services:bench:https:0"] = $"127.0.0.1:{port}",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IIdentitySource>(identity);
        builder.AddMeshClient();
        builder.Services.AddHttpClient("bench").RemoveAllLoggers();
        return builder.Build();
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        return builder;
    }

    private static int PortOf(WebApplication app) => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
}
