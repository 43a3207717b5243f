using System.Globalization;
using Mesh.Client.Calls;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Timeouts;
using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Simulation;

/// <summary>
/// A process that calls the service: the mesh's own handler with all that is below it, over a simulated network, with a
/// discovery of its own. Beside it, a second computation of everything that can be computed.
/// </summary>
internal sealed class SimulatedCaller : IDisposable
{
    /// <summary>The caller's own token, which copies of a request keep.</summary>
    public static readonly HttpRequestOptionsKey<CancellationToken> CallerToken = new("simulation.caller");

    public const string User = "x-user";
    public const string Region = "eu";

    // Of the real clock.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Uri Uri = new("http://orders/items");

    private readonly VirtualTime _time;
    private readonly Random _random;
    private readonly ServiceDirectory _directory;
    private readonly HttpMessageInvoker _invoker;
    private readonly EndpointRegistry _registry;
    private readonly OutlierSweep _outliers;
    private readonly ServiceProvider _provider;
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public SimulatedCaller(VirtualTime time, Random random, ServiceOptions options, IReadOnlyDictionary<string, Replica> replicas)
    {
        _time = time;
        _random = random;
        var discovery = new ScriptedDiscovery();
        discovery.Name("10.9.9.9:80");
        _provider = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<IServiceEndpointProviderFactory>(discovery)
            .AddServiceDiscoveryCore()
            .BuildServiceProvider();
        var telemetry = new MeshClientTelemetry(_provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        _directory = new ServiceDirectory(
            new PolicySource<ClientPolicy>(null, "Mesh:Client", () => Compile(options, time, random), NullLogger.Instance),
            _provider.GetRequiredService<ServiceEndpointResolver>(),
            TestAuthority.Shop.Identity("storefront"),
            telemetry,
            time,
            random,
            NullLogger.Instance);
        Service = _directory.ResolveAsync("http", "orders").GetAwaiter().GetResult();

        // From here on the simulation says what discovery names. A service that is known stays known.
        _directory.Dispose();
        _registry = new EndpointRegistry(static _ => throw new InvalidOperationException("No connections here."), time);
        Network = new SimulatedNetwork(time, random, replicas)
        {
            Sent = address => Reference!.Send(address),
        };
        Reference = new CallerReference(Service, time);
        _outliers = new OutlierSweep(Service, time);
        _invoker = new HttpMessageInvoker(new MeshHandler(_directory, new MirrorLedger(), telemetry, time, random, applicationTransport: true, new LiftedTimeout()) { InnerHandler = Network });
    }

    public ServiceTarget Service { get; }

    public SimulatedNetwork Network { get; }

    public CallerReference Reference { get; }

    public int Open { get; private set; }

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Discovery has news.</summary>
    public void Name(IReadOnlyCollection<DiscoveredEndpoint> endpoints)
    {
        // As the watcher does: nothing is not believed.
        if (endpoints.Count > 0)
        {
            Reference.Names = [.. endpoints.Select(static endpoint => endpoint.Address.ToString())];
            if (_registry.Update("http", endpoints) is { } all)
            {
                Service.Use(all, "http");
                Reference.Use(all);
            }
        }
    }

    public void Sweep()
    {
        _registry.Sweep();
        _outliers.Sweep(_time.GetTimestamp());
        Reference.Sweep();
    }

    /// <summary>Makes a call, which may be cancelled after a while.</summary>
    public void Call(TimeSpan? patience)
    {
        var source = new CancellationTokenSource();
        Reference.Begin();
        var call = RunAsync(source);
        if (patience is { } limit)
        {
            _time.After(limit, () => Cancel(source, call));
        }
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // A cancelled Task.Delay goes on on the thread pool. The clock stands still until the call has ended there.
    private void Cancel(CancellationTokenSource source, Task call)
    {
        source.Cancel();
        if (!call.Wait(Patience))
        {
            Reference.Violated("a cancelled call did not end");
        }
    }

    private static ClientPolicy Compile(ServiceOptions options, TimeProvider time, Random random)
    {
        var client = new MeshClientOptions { Services = { ["orders"] = options } };
        var errors = new ConfigurationErrors();
        var policy = ClientPolicy.Compile(client, "Mesh:Client", errors, new ClientPolicy.PolicyContext(new MeshServiceOptions { Region = Region, Zone = "zone-0" }, time, random));
        errors.ThrowIfAny("Mesh:Client");
        return policy;
    }

    private async Task RunAsync(CancellationTokenSource source)
    {
        Open++;
        var started = _time.GetTimestamp();
        using var request = new HttpRequestMessage(_random.Next(4) == 0 ? HttpMethod.Post : HttpMethod.Get, Uri);
        request.Options.Set(CallerToken, source.Token);
        request.Headers.Add(User, _random.Next(100).ToString(CultureInfo.InvariantCulture));
        try
        {
            using var response = await _invoker.SendAsync(request, source.Token);
            Count(response.IsSuccessStatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Count(succeeded: false);
        }
        catch (Exception exception)
        {
            Reference.Violated(exception.Message);
        }

        Open--;
        var took = _time.GetElapsedTime(started);
        if (took > Service.Policy.Timeout + TimeSpan.FromMilliseconds(1))
        {
            Reference.Violated($"a call took {took}, longer than its time-out of {Service.Policy.Timeout}");
        }

        if (Environment.CurrentManagedThreadId != _thread && !source.IsCancellationRequested)
        {
            Reference.Violated("a call went on on another thread: the simulation cannot be repeated");
        }
    }

    private void Count(bool succeeded)
    {
        if (succeeded)
        {
            Succeeded++;
        }
        else
        {
            Failed++;
        }
    }
}
