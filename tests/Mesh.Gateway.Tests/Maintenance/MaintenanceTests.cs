using System.Net;
using Mesh.Configuration;

namespace Mesh.Gateway.Tests.Maintenance;

public sealed class MaintenanceTests
{
    private const string Routes = """
        {
          "orders": { "Rules": [ { "Matches": [ { "Path": { "Value": "/orders" } } ], "BackendRefs": [ { "Name": "shop" } ] } ] },
          "carts": { "Rules": [ { "Matches": [ { "Path": { "Value": "/carts" } } ], "BackendRefs": [ { "Name": "shop" } ] } ] }
        }
        """;

    private Backend _backend = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _backend = await Backend.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _backend.DisposeAsync();

    [TestCase(""" "Enabled": true """, "/orders", 503)]
    [TestCase(""" "Enabled": true """, "/nowhere", 503)]
    [TestCase(""" "Enabled": true """, "/own", 200)]
    [TestCase(""" "Enabled": true, "Allow": [ "127.0.0.0/8" ] """, "/orders", 200)]
    [TestCase(""" "Enabled": true, "Allow": [ "10.0.0.0/8" ] """, "/orders", 503)]
    [TestCase(""" "Enabled": false, "Allow": [ "10.0.0.0/8" ] """, "/orders", 200)]
    [TestCase(""" "Routes": [ "orders" ] """, "/orders", 503)]
    [TestCase(""" "Routes": [ "orders" ] """, "/carts", 200)]
    [TestCase(""" "Routes": [ "orders" ], "Allow": [ "127.0.0.1" ] """, "/orders", 200)]
    public async Task Request_WhileSomethingIsClosed_IsServedWhereItIsOpen(string maintenance, string path, int expected)
    {
        await using var edge = await StartAsync(maintenance);
        using var response = await edge.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Refusal_SaysWhenToComeAgain_AndIsAPageForPeople()
    {
        await using var edge = await StartAsync(""" "Enabled": true, "RetryAfter": "90s" """);
        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));
        Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(90)));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("urn:mesh:problem:maintenance"));
        var page = await edge.GetRawAsync("/orders", "Accept: text/html");
        Assert.That(page, Does.StartWith("HTTP/1.1 503").And.Contain("Retry-After: 90\r\n").And.Contain("<h1>This is being worked on.</h1>"));
    }

    [Test]
    public async Task Reload_OpensAndCloses()
    {
        await using var edge = await StartAsync(""" "Routes": [ "orders" ] """);
        Assert.That(await StatusAsync(edge), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        edge.Reload(Routes);
        Assert.That(await StatusAsync(edge), Is.EqualTo(HttpStatusCode.OK));
        edge.Reload(Routes, """ "Maintenance": { "Enabled": true }, """);
        Assert.That(await StatusAsync(edge), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [TestCase(""" "Routes": [ "gone" ] """, "Routes:0: found 'gone', allowed is the name of a route")]
    [TestCase(""" "RetryAfter": "0s" """, "RetryAfter: found ")]
    [TestCase(""" "Allow": [ "office" ] """, "Allow:0: found 'office'")]
    public void Start_WithWrongValues_NamesThem(string maintenance, string expected) => Assert.That(
        async () => await StartAsync(maintenance), Throws.TypeOf<MeshConfigurationException>().With.Message.Contains($"Mesh:Gateway:Maintenance:{expected}"));

    private static async Task<HttpStatusCode> StatusAsync(Edge edge)
    {
        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));
        return response.StatusCode;
    }

    private Task<Edge> StartAsync(string maintenance) =>
        Edge.StartWithMembersAsync(Routes, $$""" "Maintenance": { {{maintenance}} }, """, "", ("shop", _backend.Address));
}
