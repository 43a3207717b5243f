using Mesh.Client.Discovery.Dns;
using Mesh.Client.Tests.Fixtures;
using Mesh.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Tests.Discovery.Dns;

public sealed class DnsPolicyTests
{
    [TestCase("https://orders", "orders.shop.local")]
    [TestCase("https://orders.shop.local", "orders.shop.local")]
    [TestCase("https://orders.billing.local", "orders.billing.local")]
    [TestCase("https://api.example", null)]
    [TestCase("https://xshop.local", null)]
    [TestCase("https://127.0.0.1", null)]
    [TestCase("https://localhost", null)]
    public void TargetOf_Host_IsCompletedOrLeftAlone(string query, string? expected)
    {
        var policy = Compile(new DnsDiscoveryOptions { Enabled = true, Suffix = ".shop.local.", Domains = { "billing.local" } });
        Assert.That(Target(policy, query)?.Name, Is.EqualTo(expected));
    }

    [TestCase("https://orders", "_https._tcp.orders.shop.local")]
    [TestCase("http://orders", "_http._tcp.orders.shop.local")]
    [TestCase("http://_admin.orders", "_admin._tcp.orders.shop.local")]
    [TestCase("http://billing", "_grpc._tcp.billing.example")]
    [TestCase("http://stock", "_stock._tcp.service.consul")]
    public void TargetOf_ServiceRecords_AreNamedByConvention(string query, string expected)
    {
        var policy = Compile(new DnsDiscoveryOptions
        {
            Enabled = true,
            Suffix = "shop.local",
            Records = DnsRecords.Srv,
            Services =
            {
                ["billing"] = new DnsServiceOptions { Name = "billing.example.", PortName = "grpc" },
                ["stock"] = new DnsServiceOptions { Name = "_stock._tcp.service.consul" },
            },
        });
        Assert.That(Target(policy, query)!.Name, Is.EqualTo(expected));
    }

    [Test]
    public void TargetOf_DeclaredService_HasItsOwnNameRecordsAndPort()
    {
        var policy = Compile(new DnsDiscoveryOptions
        {
            Enabled = true,
            Records = DnsRecords.Srv,
            Services = { ["legacy.example"] = new DnsServiceOptions { Records = DnsRecords.Address, Port = 8080 } },
        });
        Assert.That(Target(policy, "http://Legacy.example"), Is.EqualTo(new DnsTarget("legacy.example", DnsRecords.Address, 8080)).Using<DnsTarget>(
            static (a, b) => a.Records == b.Records && a.Port == b.Port && a.Name.Equals(b.Name, StringComparison.OrdinalIgnoreCase)));
    }

    [TestCase("""{ "Suffix": "a..b" }""", "Mesh:Discovery:Dns:Suffix: found 'a..b', allowed is a DNS name.")]
    [TestCase("""{ "NameServers": [ "ns.example" ] }""", "Mesh:Discovery:Dns:NameServers:0: found 'ns.example', allowed is an IP address, with or without a port.")]
    [TestCase("""{ "MinTtl": "10s", "MaxTtl": "5s" }""", "Mesh:Discovery:Dns:MinTtl: found '00:00:10', allowed is at most MaxTtl, '00:00:05'.")]
    [TestCase("""{ "Timeout": "0s" }""", "Mesh:Discovery:Dns:Timeout: found '00:00:00', allowed is a duration above 0 and up to 24 hours.")]
    [TestCase("""{ "Services": { "orders": { "Port": 0 } } }""", "Mesh:Discovery:Dns:Services:orders:Port: found '0', allowed is a number from 1 to 65535.")]
    [TestCase("""{ "Services": { "orders": { "PortName": "_http" } } }""", "Mesh:Discovery:Dns:Services:orders:PortName: found '_http', allowed is one label of a DNS name, without the underscore.")]
    [TestCase("""{ "Server": "10.0.0.1" }""", "Mesh:Discovery:Dns:Server: there is no such setting; allowed here are Domains, Enabled, Family, MaxTtl, MinTtl, NameServers, Records, Services, Suffix, Timeout.")]
    public async Task Configuration_Mistake_IsNamed(string dns, string expected)
    {
        await using var host = new ClientHost($$"""{ "Mesh": { "Discovery": { "Dns": {{dns}} } } }""");
        var exception = Assert.Throws<MeshConfigurationException>(() => host.Services.GetRequiredService<PolicySource<DnsPolicy>>());
        Assert.That(exception!.Errors, Is.EqualTo([expected]));
    }

    [Test]
    public void KubernetesDomain_ResolverConfiguration_IsTheFirstSearchDomain() => Assert.That(
        KubernetesDomain.Read(["nameserver 10.96.0.10", "search shop.svc.cluster.local svc.cluster.local cluster.local", "options ndots:5"]),
        Is.EqualTo("shop.svc.cluster.local"));

    private static DnsPolicy Compile(DnsDiscoveryOptions options)
    {
        var errors = new ConfigurationErrors();
        var policy = DnsPolicy.Compile(options, "Mesh:Discovery:Dns", errors);
        Assert.That(errors.All, Is.Empty);
        return policy;
    }

    private static DnsTarget? Target(DnsPolicy policy, string query)
    {
        Assert.That(ServiceEndpointQuery.TryParse(query, out var parsed), Is.True);
        return policy.TargetOf(parsed!);
    }
}
