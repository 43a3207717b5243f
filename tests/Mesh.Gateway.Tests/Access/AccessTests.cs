using System.Net;
using System.Net.WebSockets;
using Mesh.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace Mesh.Gateway.Tests.Access;

/// <summary>All requests come from 127.0.0.1, or from where a trusted proxy says.</summary>
public sealed class AccessTests
{
    private const string Routes = """
        {
          "orders": { "Rules": [ { "Matches": [ { "Path": { "Value": "/orders" } } ], "BackendRefs": [ { "Name": "shop" } ] } ] },
          "back-office": { "Rules": [ { "Matches": [ { "Path": { "Value": "/admin" } } ], "BackendRefs": [ { "Name": "shop" } ] } ] }
        }
        """;

    private Backend _backend = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _backend = await Backend.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _backend.DisposeAsync();

    [TestCase(""" "Allow": [ "127.0.0.0/8" ] """, 200)]
    [TestCase(""" "Allow": [ "::ffff:127.0.0.1" ] """, 200)]
    [TestCase(""" "Allow": [ "10.0.0.0/8", "::1" ] """, 403)]
    [TestCase(""" "Deny": [ "127.0.0.1" ] """, 403)]
    [TestCase(""" "Allow": [ "127.0.0.1" ], "Deny": [ "127.0.0.0/8" ] """, 403)]
    [TestCase(""" "Deny": [ "10.0.0.0/8" ] """, 200)]
    [TestCase(""" "Routes": { "orders": { "Deny": [ "127.0.0.1" ] } } """, 403)]
    [TestCase(""" "Routes": { "back-office": { "Deny": [ "127.0.0.1" ] } } """, 200)]
    [TestCase(""" "Deny": [ "127.0.0.1" ], "Routes": { "orders": { "Allow": [ "127.0.0.1" ] } } """, 403)]
    public async Task Request_FromAnAddress_IsServedWhereItMayCome(string access, int expected)
    {
        await using var edge = await StartAsync(access);
        var seen = _backend.Requests;
        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
        Assert.That(_backend.Requests - seen, Is.EqualTo(expected == 200 ? 1 : 0));
    }

    [Test]
    public async Task Request_Denied_IsAProblemThatTellsNothing()
    {
        await using var edge = await StartAsync(""" "Deny": [ "127.0.0.0/8" ] """);
        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(body, Does.Contain("urn:mesh:problem:address-denied").And.Not.Contain("127.0.0"));
    }

    [TestCase("/own")]
    [TestCase("/nowhere")]
    public async Task Request_ToTheApplicationsOwnEndpoints_NeedsAnAddressToo(string path)
    {
        await using var edge = await StartAsync(""" "Allow": [ "10.0.0.0/8" ] """);
        using var response = await edge.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Request_WebSocketUpgrade_NeedsAnAddressToo()
    {
        await using var edge = await StartAsync(""" "Routes": { "orders": { "Deny": [ "127.0.0.1" ] } } """);
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        Assert.That(
            async () => await socket.ConnectAsync(new UriBuilder(edge.Address) { Scheme = "ws", Path = "/orders" }.Uri, CancellationToken.None),
            Throws.TypeOf<WebSocketException>());
        Assert.That(socket.HttpStatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("127.0.0.1", "203.0.113.7", 403)]
    [TestCase("127.0.0.1", "203.0.113.7, 198.51.100.1", 200)]
    [TestCase("127.0.0.1", "::ffff:203.0.113.7", 403)]
    [TestCase("10.0.0.1", "203.0.113.7", 200)]
    public async Task Request_BehindAProxy_ComesFromWhereATrustedOneSays(string trusted, string forwarded, int expected)
    {
        await using var edge = await Edge.StartWithPipelineAsync(
            Routes,
            """ "Access": { "Deny": [ "203.0.113.0/24" ] }, """,
            app =>
            {
                var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
                options.KnownIPNetworks.Clear();
                options.KnownProxies.Clear();
                options.KnownProxies.Add(IPAddress.Parse(trusted));
                app.UseForwardedHeaders(options);
            },
            ("shop", _backend.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders");
        request.Headers.Add("X-Forwarded-For", forwarded);
        using var response = await edge.Client.SendAsync(request);
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Reload_OfTheLists_HoldsFromTheNextRequestOn()
    {
        await using var edge = await StartAsync(""" "Deny": [ "127.0.0.1" ] """);
        Assert.That(await StatusAsync(edge), Is.EqualTo(403));
        edge.Reload(Routes, """ "Access": { "Deny": [ "10.0.0.1" ] }, """);
        Assert.That(await StatusAsync(edge), Is.EqualTo(200));
        edge.Reload(Routes, """ "Access": { "Allow": [ "192.0.2.1" ] }, """);
        Assert.That(await StatusAsync(edge), Is.EqualTo(403));
    }

    [Test]
    public void Start_WithWrongLists_NamesEachError() => Assert.That(
        async () => await StartAsync(""" "Allow": [ "10.0.0.1/8" ], "Deny": [ "nobody" ], "Routes": { "gone": { "Allow": [ "1" ] } } """),
        Throws.TypeOf<MeshConfigurationException>()
            .With.Message.Contains("Mesh:Gateway:Access:Allow:0: found '10.0.0.1/8'")
            .And.Message.Contains("Mesh:Gateway:Access:Deny:0: found 'nobody'")
            .And.Message.Contains("Mesh:Gateway:Access:Routes:gone: found 'gone', allowed is the name of a route")
            .And.Message.Contains("Mesh:Gateway:Access:Routes:gone:Allow:0: found '1'"));

    private static async Task<int> StatusAsync(Edge edge)
    {
        using var response = await edge.Client.GetAsync(new Uri("/orders", UriKind.Relative));
        return (int)response.StatusCode;
    }

    private Task<Edge> StartAsync(string access) => Edge.StartWithMembersAsync(Routes, $$""" "Access": { {{access}} }, """, "", ("shop", _backend.Address));
}
