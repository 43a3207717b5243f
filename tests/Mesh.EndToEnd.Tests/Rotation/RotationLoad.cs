using System.Collections.Concurrent;
using System.Net;
using Mesh.Identity;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests.Rotation;

/// <summary>A caller and a service under constant load whose identities a test rotates. The service answers which certificates its connection has.</summary>
internal sealed class RotationLoad : IAsyncDisposable
{
    private readonly TestMesh _mesh;
    private readonly TestIdentitySource _callerIdentity;
    private readonly ServiceProvider _caller;
    private readonly ConcurrentDictionary<string, DateTime> _retired = new();

    private RotationLoad(TestMesh mesh, TimeSpan bound)
    {
        _mesh = mesh;
        Bound = bound;
        _callerIdentity = mesh.Authority.CreateSource("storefront");
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Services:orders:https:0", mesh["orders"][0].Address.ToString()),
            new("Mesh:Service:TrustDomain", mesh.Authority.TrustDomain),
            new("Mesh:Client:Defaults:Tls:DrainTimeout", bound.ToString()),

            // Nothing may be hidden by a second attempt.
            new("Mesh:Client:Defaults:Retry:Attempts", "0"),
        ]).Build());
        services.AddSingleton<IIdentitySource>(_callerIdentity);
        services.AddMeshClient();
        _caller = services.BuildServiceProvider();
    }

    public TimeSpan Bound { get; }

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>The longest time after its replacement that a certificate was still in use.</summary>
    public TimeSpan LongestUseOfOld { get; private set; }

    public int Requests { get; private set; }

    public int Connections => _connections.Count;

    private readonly ConcurrentDictionary<string, bool> _connections = new();

    public static async Task<RotationLoad> StartAsync(TimeSpan bound)
    {
        var mesh = await TestMesh.StartAsync(mesh => mesh.AddService("orders", static app => app.Map("/", static async (HttpContext http) =>
        {
            // Long enough for connections to be asked to close while they are busy.
            await Task.Delay(Random.Shared.Next(3));
            return string.Join(
                ' ',
                http.Connection.ClientCertificate!.SerialNumber,
                http.Features.Get<ISslStreamFeature>()!.SslStream.LocalCertificate!.GetSerialNumberString(),
                http.Connection.Id);
        })));
        mesh.Configure("Mesh:Server:Tls:DrainTimeout", bound.ToString());
        return new RotationLoad(mesh, bound);
    }

    /// <summary>Calls without pause from several workers, while both sides rotate once a second in turn.</summary>
    public async Task RunAsync(Version version, int workers, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource(duration);
        var calls = Enumerable.Range(0, workers).Select(worker => Task.Run(() => CallAsync(version, worker, stop.Token))).ToArray();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await Task.Delay(500);
            if (i % 2 == 0)
            {
                Rotate(_callerIdentity, "storefront");
            }
            else
            {
                Rotate(_mesh["orders"][0].Identity, "orders");
            }
        }

        await Task.WhenAll(calls);
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _mesh.DisposeAsync();
        _callerIdentity.Dispose();
    }

    private void Rotate(TestIdentitySource source, string service)
    {
        var next = _mesh.Authority.Issue(service);
        _retired[source.Current.Leaf.SerialNumber] = DateTime.UtcNow;
        source.Rotate(next);
    }

    private async Task CallAsync(Version version, int worker, CancellationToken stop)
    {
        var client = _caller.GetRequiredService<IHttpClientFactory>().CreateClient();
        while (!stop.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(worker % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, "https://orders/")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = worker % 2 == 0 ? null : new StringContent("one cup"),
            };
            try
            {
                var sent = DateTime.UtcNow;
                using var response = await client.SendAsync(request, CancellationToken.None);
                var answer = (await response.Content.ReadAsStringAsync(CancellationToken.None)).Split(' ');
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    throw new HttpRequestException($"{response.StatusCode}: {string.Join(' ', answer)}");
                }

                Note(sent, answer);
            }
            catch (Exception exception)
            {
                Failures.Enqueue(exception);
            }
        }
    }

    private void Note(DateTime sent, string[] answer)
    {
        _connections[answer[2]] = true;
        lock (_retired)
        {
            Requests++;
            foreach (var serial in answer.AsSpan(0, 2))
            {
                if (_retired.TryGetValue(serial, out var since) && sent - since > LongestUseOfOld)
                {
                    LongestUseOfOld = sent - since;
                }
            }
        }
    }
}
