using System.Diagnostics.CodeAnalysis;
using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class DiscoveryTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [Test]
    public async Task Reload_EndpointsAddedAndRemoved_AreFollowed()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Addresses("10.0.0.1:1", "10.0.0.2:2"), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var kept = host.Service("orders").Endpoints.All.Single(static endpoint => endpoint.Address == "10.0.0.2:2");

        host.Configuration.Replace(Addresses("10.0.0.2:2", "10.0.0.3:3"));
        await UntilAsync(() => AddressesOf(host).SetEquals(["10.0.0.2:2", "10.0.0.3:3"]));

        Assert.That(host.Service("orders").Endpoints.All, Has.Member(kept), "the same object, with its state");
    }

    [Test]
    public async Task Reload_AllEndpointsVanish_KeepsTheLastKnown()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Addresses("10.0.0.1:1"), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace("""{ "Services": { "other": { "https": [ "10.0.0.9:9" ] } } }""");
        await UntilAsync(() => host.Log.Mesh.Any(static text => text.Contains("names no endpoint any more", StringComparison.Ordinal)));

        (await host.CreateClient().GetAsync(Uri)).Dispose();
        Assert.That(AddressesOf(host), Is.EqualTo(["10.0.0.1:1"]));
    }

    [Test]
    public async Task Refresh_ProviderThrows_KeepsTheLastKnownAndDoesNotSpin()
    {
        var provider = new SwitchableProvider();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        provider.Fails = true;
        provider.Change();
        await UntilAsync(() => host.Log.Mesh.Any(static text => text.Contains("Discovery of service orders failed", StringComparison.Ordinal)));
        var asked = provider.Asked;
        await Task.Delay(200);

        (await host.CreateClient().GetAsync(Uri)).Dispose();
        Assert.That(provider.Asked - asked, Is.LessThanOrEqualTo(2));
        Assert.That(AddressesOf(host), Is.EqualTo(["10.0.0.1:1"]));
        Assert.That(host.Log.Mesh, Has.Exactly(1).Contains("Discovery of service orders failed; its 1 known endpoints stay in use."));
    }

    [Test]
    public async Task Resolve_ProviderThrowsAtFirst_RefusesAndAsksAgain()
    {
        var provider = new SwitchableProvider { Fails = true };
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(Uri));
        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.DiscoveryFailed));
        Assert.That(stub.Requests, Is.Empty, "nothing leaves the mesh by mistake");

        provider.Fails = false;
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        Assert.That(stub.Requests.Single().Uri.Authority, Is.EqualTo("10.0.0.1:1"));
    }

    [Test]
    public async Task Resolve_ManyCallersAtOnce_StartOneWatcher()
    {
        var provider = new SwitchableProvider();
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));
        var client = host.CreateClient();

        var services = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => host.Directory.ResolveAsync("https", "orders"))));

        Assert.That(services.Distinct().Count(), Is.EqualTo(1));
        Assert.That(host.Log.Mesh, Has.Exactly(1).Contains("has 1 endpoints"));
    }

    [Test]
    public async Task Resolve_ProviderAttachesMetadata_EndpointHasThem()
    {
        var provider = new SwitchableProvider { Metadata = new EndpointMetadata { Weight = 4, Version = "v1" } };
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var endpoint = host.Service("orders").Endpoints.All.Single();
        Assert.That(endpoint.Metadata, Is.EqualTo(provider.Metadata));

        provider.Metadata = new EndpointMetadata { Weight = 4, Version = "v2" };
        provider.Change();
        await UntilAsync(() => endpoint.Metadata.Version == "v2");
    }

    [Test]
    public async Task Resolve_CallerGivesUp_KeepsItsToken()
    {
        var provider = new SwitchableProvider { Hangs = true };
        await using var host = new ClientHost("{}", configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));
        using var invoker = new HttpMessageInvoker(host.Services.GetHandler());
        using var caller = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        var call = invoker.SendAsync(request, caller.Token);

        await caller.CancelAsync();

        var exception = await Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(exception!.CancellationToken, Is.EqualTo(caller.Token));
    }

    [Test]
    public async Task Resolve_ProviderHangs_TimesOutAsTheCallWould()
    {
        var time = new FakeTimeProvider();
        var provider = new SwitchableProvider { Hangs = true };
        await using var host = new ClientHost(
            """{ "Mesh": { "Client": { "Defaults": { "Timeout": "2s" } } } }""", time: time, configure: services => services.AddSingleton<IServiceEndpointProviderFactory>(provider));
        var call = host.CreateClient().GetAsync(Uri);
        await UntilAsync(() => provider.Asked > 0);

        time.Advance(TimeSpan.FromSeconds(2));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.That(exception!.InnerException, Is.TypeOf<TimeoutException>());
        Assert.That(exception.Message, Does.Contain("Discovery").And.Contain("'orders'"));
    }

    [Test]
    public async Task Resolve_MicrosoftsPassThroughProvider_IsUnknown()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost("{}", stub, configure: static services => services.AddServiceDiscovery());

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests.Single().Uri.Host, Is.EqualTo("orders"));
        Assert.That(host.State.GetServices(), Is.Empty);
    }

    // As in a compose file: the address is the service's own name.
    [TestCase("orders:8443")]
    [TestCase("https://orders:8443")]
    public async Task Resolve_AddressIsTheServicesName_IsKnown(string address)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Addresses(address), stub, configure: static services => services.AddServiceDiscovery());

        (await host.CreateClient().GetAsync(Uri)).Dispose();

        Assert.That(stub.Requests.Single().Uri.Authority, Is.EqualTo("orders:8443"));
    }

    [Test]
    public async Task Call_NamedEndpoint_GoesThereUnderThePolicyAndIdentityOfItsService()
    {
        await using var admin = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        await using var host = new ClientHost($$"""
            { "Services": { "orders": { "https": [ "10.0.0.1:1" ], "admin": [ "{{admin.Url}}" ] } },
              "Mesh": { "Client": { "Services": { "orders": { "Timeout": "9s" } } } } }
            """);

        (await host.CreateClient().GetAsync(new Uri("https://_admin.orders/items"))).Dispose();

        Assert.That(admin.Arrivals.Single().Host, Is.EqualTo("_admin.orders"));
        Assert.That(host.Service("_admin.orders").Policy.Timeout, Is.EqualTo(TimeSpan.FromSeconds(9)));
    }

    [Test]
    public async Task DisposeAsync_Application_DisposesEveryTransport()
    {
        await using var orders = await MeshService.StartAsync(TestAuthority.Shop.Identity("orders"));
        var host = new ClientHost(Addresses(orders.Url));
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var endpoint = host.Service("orders").Endpoints.All.Single();

        await host.DisposeAsync();

        await UntilAsync(() => IsDisposed(endpoint));
    }

    private static bool IsDisposed(Endpoint endpoint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        try
        {
            _ = endpoint.Transport.SendAsync(request, new CancellationToken(canceled: true));
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private static string Addresses(params string[] addresses) =>
        $$"""{ "Services": { "orders": { "https": [ {{string.Join(", ", addresses.Select(static address => $"\"{address}\""))}} ] } } }""";

    private static HashSet<string> AddressesOf(ClientHost host) => [.. host.Service("orders").Endpoints.All.Select(static endpoint => endpoint.Address)];

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
        {
            await Task.Delay(5);
        }

        Assert.That(condition(), Is.True);
    }

    /// <summary>A discovery provider that knows <c>orders</c> and can fall ill.</summary>
    private sealed class SwitchableProvider : IServiceEndpointProviderFactory, IServiceEndpointProvider
    {
        private CancellationTokenSource _change = new();
        private int _asked;

        public bool Fails { get; set; }

        public bool Hangs { get; set; }

        public EndpointMetadata? Metadata { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public void Change() => Interlocked.Exchange(ref _change, new CancellationTokenSource()).Cancel();

        public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider)
        {
            provider = this;
            return true;
        }

        public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            if (Fails)
            {
                throw new InvalidOperationException("The registry is ill.");
            }

            endpoints.AddChangeToken(new CancellationChangeToken(_change.Token));
            var endpoint = ServiceEndpoint.Create(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1));
            endpoint.Features.Set(Metadata);
            endpoints.Endpoints.Add(endpoint);
        }

        public ValueTask DisposeAsync() => default;
    }
}
