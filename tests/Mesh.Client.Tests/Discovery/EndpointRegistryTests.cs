using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class EndpointRegistryTests
{
    private static readonly DiscoveredEndpoint
        A = new(new EndpointAddress("10.0.0.1", 1), EndpointMetadata.Default),
        B = new(new EndpointAddress("10.0.0.2", 2), EndpointMetadata.Default);

    private readonly FakeTimeProvider _time = new();
    private readonly EndpointRegistry _registry;

    public EndpointRegistryTests()
    {
        var context = new ClientPolicy.PolicyContext(new MeshServiceOptions(), _time, new Random(1));
        var policy = ClientPolicy.Compile(new MeshClientOptions(), "Mesh:Client", new ConfigurationErrors(), context).For("orders");
        var rotation = new ConnectionRotation(TestAuthority.Shop.Identity("storefront"), _time, new Random(1));
        _registry = new EndpointRegistry(endpoint => new EndpointTransport(endpoint, () => policy, rotation), _time);
    }

    [Test]
    public void Update_SameAddresses_IsNoChange()
    {
        _registry.Update("https", [A, B]);
        Assert.That(_registry.Update("https", [B, A, A]), Is.Null);
    }

    [Test]
    public void Update_AddressStays_KeepsItsEndpoint()
    {
        var before = _registry.Update("https", [A])!.Single();
        var after = _registry.Update("https", [A, B])!;
        Assert.That(after, Has.Member(before).And.Length.EqualTo(2));
    }

    [Test]
    public void Update_MetadataChanged_IsAChangeOfTheSameEndpoint()
    {
        var before = _registry.Update("https", [A, B])!;
        var heavy = new EndpointMetadata { Weight = 7, Labels = new Dictionary<string, string> { ["tier"] = "gold" } };

        var after = _registry.Update("https", [A with { Metadata = heavy }, B]);
        var again = _registry.Update("https", [A with { Metadata = heavy with { Labels = new Dictionary<string, string>(heavy.Labels) } }, B]);

        Assert.That(after, Is.EqualTo(before), "the same objects, with their state");
        Assert.That(after!.Select(static endpoint => endpoint.Metadata), Is.EqualTo([heavy, EndpointMetadata.Default]));
        Assert.That(again, Is.Null, "equal metadata are no change");
    }

    [Test]
    public void Update_AddressReturnsWithOtherMetadata_HasThem()
    {
        var first = _registry.Update("https", [A, B])!.Single(static endpoint => endpoint.Address == B.Address.ToString());
        _registry.Update("https", [A]);

        _registry.Update("https", [A, B with { Metadata = new EndpointMetadata { Version = "v2" } }]);

        Assert.That(first.Metadata.Version, Is.EqualTo("v2"));
    }

    [Test]
    public async Task Sweep_EndpointGoneAndIdle_IsDisposedAfterTheGrace()
    {
        var gone = _registry.Update("https", [A, B])!.Single(static endpoint => endpoint.Address == B.Address.ToString());
        _ = gone.Transport;
        _registry.Update("https", [A]);

        _time.Advance(TimeSpan.FromSeconds(9));
        _registry.Sweep();
        Assert.That(await IsDisposedAsync(gone), Is.False);

        gone.Begin();
        _time.Advance(TimeSpan.FromSeconds(1));
        _registry.Sweep();
        Assert.That(await IsDisposedAsync(gone), Is.False, "a request is in flight");

        gone.End(CallOutcome.Success, TimeSpan.Zero, _time.GetTimestamp());
        _registry.Sweep();
        Assert.That(await IsDisposedAsync(gone), Is.True);
    }

    [Test]
    public async Task Update_AddressReturnsWhileDraining_IsTheSameEndpoint()
    {
        var first = _registry.Update("https", [A, B])!.Single(static endpoint => endpoint.Address == B.Address.ToString());
        _registry.Update("https", [A]);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(_registry.Update("https", [A, B]), Has.Member(first));
        _time.Advance(TimeSpan.FromMinutes(1));
        _registry.Sweep();
        Assert.That(await IsDisposedAsync(first), Is.False);
    }

    [Test]
    public async Task Update_OtherScheme_HasOtherEndpointsAndDrainsTheOld()
    {
        var plain = _registry.Update("http", [A])!.Single();
        _ = plain.Transport;

        var secure = _registry.Update("https", [A])!.Single();
        _time.Advance(TimeSpan.FromSeconds(10));
        _registry.Sweep();

        Assert.That(secure, Is.Not.SameAs(plain));
        Assert.That(secure.Scheme, Is.EqualTo("https"));
        Assert.That(await IsDisposedAsync(plain), Is.True);
        Assert.That(await IsDisposedAsync(secure), Is.False);
    }

    [Test]
    public async Task DisposeAll_CurrentAndDraining_AreDisposed()
    {
        var endpoints = _registry.Update("https", [A, B])!;
        _ = endpoints[0].Transport;
        _ = endpoints[1].Transport;
        _registry.Update("https", [A]);

        _registry.DisposeAll();

        Assert.That(await IsDisposedAsync(endpoints[0]), Is.True);
        Assert.That(await IsDisposedAsync(endpoints[1]), Is.True);
    }

    private static async Task<bool> IsDisposedAsync(Endpoint endpoint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");
        try
        {
            using var response = await endpoint.Transport.SendAsync(request, new CancellationToken(canceled: true));
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
