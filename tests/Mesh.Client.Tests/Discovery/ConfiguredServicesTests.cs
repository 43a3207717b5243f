using System.Net;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Mesh.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery;

public sealed class ConfiguredServicesTests
{
    private static readonly Uri Uri = new("https://orders/items");

    [Test]
    public async Task Resolve_EntriesAreSections_HaveTheirMetadata()
    {
        var endpoints = await EndpointsAsync("""
            { "Services": { "orders": { "https": [
                "10.0.0.1:1",
                { "Address": "https://10.0.0.2:2", "Weight": 5, "Priority": 2, "Region": "eu", "Zone": "eu-1", "SubZone": "r1", "Version": "v2",
                  "Identity": "spiffe://shop.example/ns/shop/sa/orders-v2", "Labels": { "tier": "gold" } },
                { "Address": "http://10.0.0.3:3" } ] } } }
            """);

        Assert.That(endpoints.Select(static endpoint => endpoint.Address), Is.EqualTo(["10.0.0.1:1", "10.0.0.2:2"]), "the third is not https");
        Assert.That(endpoints[0].Metadata, Is.EqualTo(EndpointMetadata.Default));
        Assert.That(endpoints[1].Metadata, Is.EqualTo(new EndpointMetadata
        {
            Weight = 5,
            Priority = 2,
            Region = "eu",
            Zone = "eu-1",
            SubZone = "r1",
            Version = "v2",
            Identity = Mesh.Identity.SpiffeId.Parse("spiffe://shop.example/ns/shop/sa/orders-v2"),
            Labels = new Dictionary<string, string> { ["tier"] = "gold" },
        }));
    }

    [Test]
    public async Task Resolve_EnvironmentVariablesBesideTheAddress_AreItsMetadata()
    {
        // services__orders__https__0=10.0.0.1:1, services__orders__https__0__weight=5
        var endpoints = await EndpointsAsync("""
            { "services:orders:https:0": "10.0.0.1:1", "services:orders:https:0:weight": "5" }
            """);

        Assert.That(endpoints.Single().Metadata.Weight, Is.EqualTo(5));
    }

    [Test]
    public async Task Resolve_ApplicationRegisteredMicrosoftsProviderFirst_MetadataAreReadAllTheSame()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
            new Microsoft.Extensions.Configuration.ConfigurationBuilder().Add(new TestConfiguration("""{ "Services": { "orders": { "https": [ { "Address": "10.0.0.1:1", "Weight": 2 } ] } } }""")).Build());
        services.AddLogging();
        services.AddServiceDiscovery();
        services.AddMeshClient();
        await using var provider = services.BuildServiceProvider();

        var source = await provider.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("https+http://orders", default);

        Assert.That(source.Endpoints.Single().Features.Get<EndpointMetadata>()!.Weight, Is.EqualTo(2));
    }

    [Test]
    public async Task Resolve_SchemesOfTheQuery_TheFirstNamedWins()
    {
        await using var host = new ClientHost("""
            { "Services": { "orders": { "default": [ { "Address": "http://10.0.0.1:1", "Weight": 2 }, { "Address": "https://10.0.0.2:2" }, "10.0.0.3:3" ] } } }
            """);
        var resolver = host.Services.GetRequiredService<ServiceEndpointResolver>();

        Assert.That(await AddressesAsync("https+http://orders"), Is.EqualTo(["https://10.0.0.2:2/", "10.0.0.3:3"]));
        Assert.That(await AddressesAsync("http://orders"), Is.EqualTo(["http://10.0.0.1:1/", "10.0.0.3:3"]));
        Assert.That(await AddressesAsync("orders"), Has.Length.EqualTo(3));

        async Task<string[]> AddressesAsync(string query)
        {
            var source = await resolver.GetEndpointsAsync(query, default);
            return [.. source.Endpoints.Select(static endpoint => endpoint.EndPoint.ToString()!)];
        }
    }

    [Test]
    public async Task Reload_WeightChanges_EndpointKeepsItsState()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Weighted(1), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        var before = host.Service("orders").Endpoints.All.Single();

        host.Configuration.Replace(Weighted(9));
        await UntilAsync(() => host.Service("orders").Endpoints.All.Single().Metadata.Weight == 9);

        Assert.That(host.Service("orders").Endpoints.All.Single(), Is.SameAs(before));
        Assert.That(before.Requests, Is.EqualTo(1));
    }

    [Test]
    public async Task Check_InvalidEntries_AreAllReportedBeforeTheStart()
    {
        await using var host = new ClientHost("""
            { "Services": { "orders": { "https": [
                { "Address": "10.0.0.1:1", "Weight": 0, "Identity": "orders", "Wieght": 3 },
                { "Priority": -1 } ],
                "http": { "0": "10.0.0.1:1", "1": { "Address": "10.0.0.2:2", "Labels": "gold" } } } } }
            """);

        var exception = Assert.Throws<MeshConfigurationException>(() => host.Services.GetServices<MeshStartupCheck>().Single(static check => check.Subject == "Services").Check());

        Assert.That(exception!.Errors, Is.EquivalentTo(
        [
            "Services:orders:http:1:Labels: found 'gold', allowed is values by name.",
            "Services:orders:https:0:Wieght: there is no such setting; allowed here are Address, Identity, Labels, Priority, Region, SubZone, Version, Weight, Zone.",
            "Services:orders:https:0:Weight: found '0', allowed is a number from 1 to 1000000.",
            "Services:orders:https:0:Identity: found 'orders', allowed is a SPIFFE ID (it does not start with 'spiffe://').",
            "Services:orders:https:1:Address: found '', allowed is host:port or a URI.",
            "Services:orders:https:1:Priority: found '-1', allowed is a number from 0 to 65535.",
        ]));
    }

    [Test]
    public async Task Reload_InvalidMetadata_KeepsTheLastKnown()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(Weighted(2), stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();

        host.Configuration.Replace(Weighted(0));
        await UntilAsync(() => host.Log.Mesh.Any(static text => text.Contains("Weight: found '0'", StringComparison.Ordinal)));

        Assert.That(host.Service("orders").Endpoints.All.Single().Metadata.Weight, Is.EqualTo(2));
    }

    private static string Weighted(int weight) => $$"""{ "Services": { "orders": { "https": [ { "Address": "10.0.0.1:1", "Weight": {{weight}} } ] } } }""";

    private static async Task<Endpoint[]> EndpointsAsync(string json)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = new ClientHost(json, stub);
        (await host.CreateClient().GetAsync(Uri)).Dispose();
        return [.. host.Service("orders").Endpoints.All.OrderBy(static endpoint => endpoint.Address, StringComparer.Ordinal)];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 2000 && !condition(); i++)
        {
            await Task.Delay(5);
        }

        Assert.That(condition(), Is.True);
    }
}
