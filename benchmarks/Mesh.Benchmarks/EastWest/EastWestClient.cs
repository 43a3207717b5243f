using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Mesh.Benchmarks.Identity;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.EastWest;

/// <summary>A process that calls. Each line of its input asks for one round, each line of its output says what became of it.</summary>
internal static class EastWestClient
{
    public const string Role = "eastwest-client";

    private const string Service = "bench";

    private static readonly byte[] Body = new byte[Workload.BodyBytes];

    /// <param name="kind"><see cref="Contender.Plain"/>, <see cref="Contender.Platform"/> or <see cref="Contender.Mesh"/>.</param>
    /// <param name="port">Whom to call.</param>
    /// <param name="files">The identity of all processes.</param>
    public static async Task<int> RunAsync(string kind, int port, IdentityFiles files)
    {
        var identity = BenchmarkIdentity.Load(files);
        using var host = Build(identity, port);
        using var client = kind switch
        {
            Contender.Plain => new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") },
            Contender.Platform => new HttpClient(PlatformTransport(identity, port)) { BaseAddress = new Uri($"https://{BenchmarkIdentity.Host}") },
            _ => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Service),
        };
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            Console.WriteLine(await RoundAsync(client, new HttpMethod(parts[0]), int.Parse(parts[1]), TimeSpan.FromMilliseconds(int.Parse(parts[2]))));
        }

        return 0;
    }

    /// <returns>Requests, nanoseconds, bytes.</returns>
    private static async Task<string> RoundAsync(HttpClient client, HttpMethod method, int concurrency, TimeSpan duration)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        var requests = (await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => CallAsync(client, method, started, duration))))).Sum();
        var elapsed = Stopwatch.GetElapsedTime(started);
        return $"{requests} {(long)elapsed.TotalNanoseconds} {GC.GetTotalAllocatedBytes(precise: true) - bytes}";
    }

    private static async Task<int> CallAsync(HttpClient client, HttpMethod method, long started, TimeSpan duration)
    {
        var target = new Uri("/", UriKind.Relative);
        var calls = 0;
        for (; Stopwatch.GetElapsedTime(started) < duration; calls++)
        {
            using var request = new HttpRequestMessage(method, target);
            request.Content = method == HttpMethod.Post ? new ByteArrayContent(Body) : null;
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }

        return calls;
    }

    private static SocketsHttpHandler PlatformTransport(BenchmarkIdentity identity, int port) => new()
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = identity.Current.CertificateContext,
            CertificateChainPolicy = identity.PlatformPolicy(),
        },
        ConnectCallback = async (_, cancellationToken) =>
        {
            // As the mesh dials: by address.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static IHost Build(BenchmarkIdentity identity, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Service:TrustDomain"] = "bench.example",
            ["Mesh:Client:Defaults:LoadBalancing:Policy"] = "PeakEwma",
            [$"Services:{Service}:https:0"] = $"127.0.0.1:{port}",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IIdentitySource>(identity);
        builder.AddMeshClient();
        builder.Services.AddHttpClient(Service, static client => client.BaseAddress = new Uri($"https://{Service}"));
        return builder.Build();
    }
}
