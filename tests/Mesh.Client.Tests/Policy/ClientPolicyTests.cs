using Mesh.Client.Balancing;
using Mesh.Client.Policy;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Identity;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Tests.Policy;

public sealed class ClientPolicyTests
{
    // As in the design, without what does not exist yet.
    private const string Sample = """
        {
          "Mesh": {
            "Client": {
              "Defaults": { "Timeout": "00:00:10" },
              "Services": {
                "orders": {
                  "Timeout": "00:00:02", "AttemptTimeout": "00:00:00.500",
                  "LoadBalancing": { "Policy": "RoundRobin" },
                  "Retry": { "Attempts": 3, "Budget": { "Ratio": 0.2, "MinPerSecond": 10, "Ttl": "00:00:10" } },
                  "Tls": { "AllowedPeers": [ "spiffe://shop.example/ns/shop/sa/orders" ] },
                  "Rules": [
                    { "Matches": [ { "Headers": [ { "Name": "x-canary", "Value": "1" } ] } ],
                      "BackendRefs": [ { "Name": "orders-v2" } ] },
                    { "BackendRefs": [ { "Name": "orders", "Weight": 95 }, { "Name": "orders-v2", "Weight": 5 } ] }
                  ]
                }
              }
            }
          }
        }
        """;

    [Test]
    public void Compile_SampleOfTheDesign_IsAsItSays()
    {
        var policy = Compile(Sample, out var errors);

        Assert.That(errors, Is.Empty);
        var orders = policy.For("ORDERS");
        Assert.That(orders.Timeout, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(orders.AttemptTimeout, Is.EqualTo(TimeSpan.FromSeconds(0.5)));
        Assert.That(orders.Balancing.Policy, Is.EqualTo(new RoundRobinPolicy()));
        Assert.That(orders.Retry.Attempts, Is.EqualTo(3));
        Assert.That(orders.Peers.ToString(), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
        Assert.That(orders.Routes!.Rules, Has.Length.EqualTo(2));
        Assert.That(policy.Declares("orders"), Is.True);
        Assert.That(policy.Declares("catalog"), Is.False);
        Assert.That(policy.For("catalog").Timeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void Compile_NothingConfigured_HasTheDocumentedDefaults()
    {
        var policy = Compile("{}", out var errors);

        Assert.That(errors, Is.Empty);
        Assert.That(policy.UnknownServices, Is.EqualTo(UnknownServiceBehavior.PassThrough));
        var any = policy.For("orders");
        Assert.That(any.Timeout, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(any.AttemptTimeout, Is.EqualTo(TimeSpan.FromSeconds(4)));
        Assert.That(any.ConnectTimeout, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(any.Balancing.Policy, Is.EqualTo(new LeastRequestPolicy()));
        Assert.That(any.Retry, Is.EqualTo(new Mesh.Client.Retry.RetryPolicy(2, TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(250), new(0.2, 10, TimeSpan.FromSeconds(10))) { MaxBodyBytes = 65_536 }));
        Assert.That(any.Ejection, Is.EqualTo(new Mesh.Client.Ejection.EjectionPolicy(5, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 50)));
        Assert.That(any.TlsMode, Is.EqualTo(ClientTlsMode.Mutual));
        Assert.That(any.Peers.ToString(), Is.EqualTo("spiffe://shop.example/ns/shop/sa/orders"));
        Assert.That(policy.For("orders.other").Peers.ToString(), Is.EqualTo("spiffe://shop.example/ns/other/sa/orders"));
        Assert.That(any.Routes, Is.Null);
    }

    [Test]
    public void Compile_FieldLeftOut_FallsBackToDefaultsFieldByField()
    {
        var policy = Compile(
            """
            { "Mesh": { "Client": {
                "Defaults": { "Timeout": "8s", "AttemptTimeout": "3s", "Retry": { "Attempts": 5, "Budget": { "Ratio": 0.1 } }, "Ejection": { "MaxPercent": 20 }, "LoadBalancing": { "Policy": "Random" }, "Tls": { "Mode": "Server" } },
                "Services": { "orders": { "Timeout": "2s", "Retry": { "Budget": { "MinPerSecond": 1 } }, "Ejection": { "BaseTime": "5s" } } } } } }
            """,
            out var errors);

        Assert.That(errors, Is.Empty);
        var orders = policy.For("orders");
        Assert.That(orders.Timeout, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(orders.AttemptTimeout, Is.EqualTo(TimeSpan.FromSeconds(2)), "never more than the call's");
        Assert.That(orders.Retry.Attempts, Is.EqualTo(5));
        Assert.That(orders.Retry.Budget, Is.EqualTo(new Mesh.Client.Retry.RetryBudgetPolicy(0.1, 1, TimeSpan.FromSeconds(10))));
        Assert.That(orders.Ejection.MaxPercent, Is.EqualTo(20));
        Assert.That(orders.Ejection.BaseTime, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(orders.Balancing.Policy, Is.EqualTo(new RandomPolicy()));
        Assert.That(orders.TlsMode, Is.EqualTo(ClientTlsMode.Server));
    }

    [TestCase("""{ "Timeout": "soon" }""", "Timeout: found 'soon', allowed is a duration")]
    [TestCase("""{ "Timeout": "00:00:00" }""", "Timeout: found '00:00:00', allowed is a duration above 0")]
    [TestCase("""{ "Timeout": "2.00:00:00" }""", "Timeout: found '2.00:00:00', allowed is a duration above 0 and up to 24 hours")]
    [TestCase("""{ "AttemptTimeout": "-00:00:01" }""", "AttemptTimeout: found '-00:00:01'")]
    [TestCase("""{ "Timeout": "1s", "AttemptTimeout": "2s" }""", "AttemptTimeout: found '00:00:02', allowed is at most the Timeout of the same service, '00:00:01'")]
    [TestCase("""{ "ConnectTimeout": "0s" }""", "ConnectTimeout: found '00:00:00'")]
    [TestCase("""{ "LoadBalancing": { "Policy": "Best" } }""", "LoadBalancing:Policy: found 'Best', allowed is one of LeastRequest, PeakEwma, RoundRobin, Random, RingHash, Maglev")]
    [TestCase("""{ "LoadBalancing": "RoundRobin" }""", "LoadBalancing: found 'RoundRobin', allowed is a section")]
    [TestCase("""{ "LoadBalancing": { "PanicThreshold": 101 } }""", "LoadBalancing:PanicThreshold: found '101', allowed is a number from 0 to 100")]
    [TestCase("""{ "LoadBalancing": { "SubsetSize": -1 } }""", "LoadBalancing:SubsetSize: found '-1'")]
    [TestCase("""{ "LoadBalancing": { "HashBalanceFactor": 50 } }""", "LoadBalancing:HashBalanceFactor: found '50', allowed is a number from 100 to 10000")]
    [TestCase("""{ "LoadBalancing": { "MinRingSize": 0 } }""", "LoadBalancing:MinRingSize: found '0'")]
    [TestCase("""{ "LoadBalancing": { "MaxRingSize": 8388609 } }""", "LoadBalancing:MaxRingSize: found '8388609'")]
    [TestCase("""{ "LoadBalancing": { "HashKeys": [ { "Source": "Cookie" } ] } }""", "LoadBalancing:HashKeys:0:Name: found '', allowed is the name of a Cookie")]
    [TestCase("""{ "LoadBalancing": { "HashKeys": [ { "Source": "Path", "Name": "a" } ] } }""", "LoadBalancing:HashKeys:0:Name: found 'a', allowed is nothing, because a Path has no name")]
    [TestCase("""{ "LoadBalancing": { "HashKeys": [ { "Source": "Ip" } ] } }""", "LoadBalancing:HashKeys:0:Source: found 'Ip', allowed is one of Key, Header, Cookie, Query, Path")]
    [TestCase("""{ "LoadBalancing": { "SlowStart": { "Window": "25h" } } }""", "LoadBalancing:SlowStart:Window: found '1.01:00:00', allowed is a duration up to 24 hours, or 0 for none")]
    [TestCase("""{ "LoadBalancing": { "SlowStart": { "Aggression": 0 } } }""", "LoadBalancing:SlowStart:Aggression: found '0'")]
    [TestCase("""{ "LoadBalancing": { "SlowStart": { "MinWeightPercent": 0 } } }""", "LoadBalancing:SlowStart:MinWeightPercent: found '0'")]
    [TestCase("""{ "LoadBalancing": { "Locality": { "Failover": "eu" } } }""", "LoadBalancing:Locality:Failover: found 'eu', allowed is values by name")]
    [TestCase("""{ "Retry": { "Attempts": 11 } }""", "Retry:Attempts: found '11', allowed is a number from 0 to 10")]
    [TestCase("""{ "Retry": { "Attempts": "two" } }""", "Retry:Attempts: found 'two', allowed is a whole number")]
    [TestCase("""{ "Retry": { "Backoff": "0s" } }""", "Retry:Backoff: found '00:00:00'")]
    [TestCase("""{ "Retry": { "MaxBackoff": "25h" } }""", "Retry:MaxBackoff: found '1.01:00:00'")]
    [TestCase("""{ "Retry": { "Budget": { "Ratio": 1001 } } }""", "Retry:Budget:Ratio: found '1001', allowed is a number from 0 to 1000")]
    [TestCase("""{ "Retry": { "Budget": { "MinPerSecond": -0.5 } } }""", "Retry:Budget:MinPerSecond: found '-0.5'")]
    [TestCase("""{ "Retry": { "Budget": { "Ttl": "61s" } } }""", "Retry:Budget:Ttl: found '00:01:01', allowed is 1 to 60 seconds")]
    [TestCase("""{ "Retry": { "Limit": 3 } }""", "Retry:Limit: there is no such setting; allowed here are Attempts, Backoff, Budget, Idempotent, MaxBackoff, MaxBodyBytes, On")]
    [TestCase("""{ "Ejection": { "ConsecutiveFailures": -1 } }""", "Ejection:ConsecutiveFailures: found '-1'")]
    [TestCase("""{ "Ejection": { "BaseTime": "0s" } }""", "Ejection:BaseTime: found '00:00:00'")]
    [TestCase("""{ "Ejection": { "MaxTime": "0s" } }""", "Ejection:MaxTime: found '00:00:00'")]
    [TestCase("""{ "Ejection": { "MaxPercent": 101 } }""", "Ejection:MaxPercent: found '101', allowed is a number from 0 to 100")]
    [TestCase("""{ "Tls": { "Mode": "None" } }""", "Tls:Mode: found 'None', allowed is one of Mutual, Server")]
    [TestCase("""{ "Tls": { "AllowedPeers": [ "spiffe://ok.example/a", "orders" ] } }""", "Tls:AllowedPeers:1: found 'orders', allowed is a SPIFFE ID, or one with a trailing '/*'")]
    [TestCase("""{ "Tls": { "AllowedPeers": [ "*" ] } }""", "Tls:AllowedPeers:0: found '*'")]
    [TestCase("""{ "Tls": { "AllowedPeers": "spiffe://a/b" } }""", "Tls:AllowedPeers: found 'spiffe://a/b', allowed is a list")]
    [TestCase("""{ "Rules": [ { "BackendRefs": [ { "Name": "orders", "Weight": -1 } ] } ] }""", "Rules:0:BackendRefs:0:Weight: found '-1'")]
    [TestCase("""{ "Timeuot": "1s" }""", "Timeuot: there is no such setting")]
    public void Compile_BadField_SaysPathFoundAndAllowed(string service, string error)
    {
        Compile($$"""{ "Mesh": { "Client": { "Services": { "orders": {{service}} } } } }""", out var errors);
        Assert.That(errors, Has.Exactly(1).Items);
        Assert.That(errors.Single(), Does.StartWith($"Mesh:Client:Services:orders:{error}"));
    }

    [Test]
    public void Compile_BadDefaultsAndTop_AreNamedToo()
    {
        Compile(
            """{ "Mesh": { "Client": { "Defaults": { "Timeout": "x", "Rules": [ { "BackendRefs": [ { "Name": "a" } ] } ] }, "UnknownServices": "Block", "Servces": { "a": { } } } } }""",
            out var errors);

        Assert.That(errors, Has.Exactly(1).StartsWith("Mesh:Client:Defaults:Timeout: found 'x'"));
        Assert.That(errors, Has.Exactly(1).StartsWith("Mesh:Client:Defaults:Rules: rules belong to a service"));
        Assert.That(errors, Has.Exactly(1).StartsWith("Mesh:Client:UnknownServices: found 'Block', allowed is one of PassThrough, Reject"));
        Assert.That(errors, Has.Exactly(1).StartsWith("Mesh:Client:Servces: there is no such setting; allowed here are Defaults, Mirroring, Services, UnknownServices"));
        Assert.That(errors, Has.Exactly(4).Items);
    }

    private static ClientPolicy Compile(string json, out IReadOnlyCollection<string> found)
    {
        var section = new ConfigurationBuilder().Add(new TestConfiguration(json)).Build().GetSection("Mesh:Client");
        var errors = new ConfigurationErrors();
        var options = new MeshClientOptions();
        ConfigurationReader.Read(section, errors, options, MeshClientOptions.Read);
        var service = new MeshServiceOptions { Name = "storefront", Namespace = "shop", TrustDomain = "shop.example" };
        var policy = ClientPolicy.Compile(options, section.Path, errors, new ClientPolicy.PolicyContext(service, TimeProvider.System, new Random(1)));
        found = errors.All;
        return policy;
    }
}
