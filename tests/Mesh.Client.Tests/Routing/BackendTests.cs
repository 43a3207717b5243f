using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Routing;

public sealed class BackendTests
{
    private const string Addresses =
        """
        { "orders": { "https": [ { "Address": "10.0.1.1:1", "Version": "v1" }, { "Address": "10.0.1.2:1", "Version": "v2" }, { "Address": "10.0.1.3:1", "Version": "v2", "Labels": { "track": "beta" } } ] },
          "stock": { "https": [ "10.0.2.1", "10.0.2.2:7" ] } }
        """;

    [Test]
    public async Task SendAsync_Subset_GoesToEndpointsWithItsLabels()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(
            """
            [ { "Matches": [ { "Path": { "Value": "/beta" } } ], "BackendRefs": [ { "Name": "orders", "Subset": { "version": "v2", "track": "beta" } } ] },
              { "Matches": [ { "Path": { "Value": "/v2" } } ], "BackendRefs": [ { "Name": "orders", "Subset": { "version": "v2" } } ] },
              { "Matches": [ { "Path": { "Value": "/also-v2" } } ], "BackendRefs": [ { "Name": "orders", "Subset": { "version": "v2" } } ] } ]
            """,
            stub);

        Assert.That(await HostsAsync("/beta"), Is.EquivalentTo(new[] { "10.0.1.3" }));
        Assert.That(await HostsAsync("/v2"), Is.EquivalentTo(new[] { "10.0.1.2", "10.0.1.3" }));
        Assert.That(await HostsAsync("/also-v2"), Is.EquivalentTo(new[] { "10.0.1.2", "10.0.1.3" }));

        async Task<IEnumerable<string>> HostsAsync(string path)
        {
            var before = stub.Requests.Count;
            for (var i = 0; i < 40; i++)
            {
                using var response = await host.CreateClient().GetAsync(new Uri($"https://orders{path}"));
            }

            return stub.Requests.Skip(before).Select(static seen => seen.Uri.Host).Distinct();
        }
    }

    [Test]
    public async Task SendAsync_SubsetFails_IsRepeatedWithinTheSubset()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable);
        await using var host = Host("""[ { "BackendRefs": [ { "Name": "orders", "Subset": { "version": "v2" } } ] } ]""", stub, """ "Retry": { "Attempts": 4, "Backoff": "1ms" }""");

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));

        Assert.That(stub.Requests, Has.Count.EqualTo(5));
        Assert.That(stub.Requests.Select(static seen => seen.Uri.Host), Has.None.EqualTo("10.0.1.1"));
    }

    [Test]
    public async Task SendAsync_SubsetOfNobody_IsRefusedByName()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host("""[ { "BackendRefs": [ { "Name": "orders", "Subset": { "version": "v3" } } ] } ]""", stub);

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https://orders/")));

        Assert.That(exception!.Reason, Is.EqualTo(RejectionReason.NoEndpoints));
        Assert.That(exception.Message, Does.Contain("version=v3"));
    }

    [Test]
    public async Task SendAsync_Port_IsThatOfEndpointsWithoutOne()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(
            """
            [ { "Matches": [ { "Path": { "Value": "/8443" } } ], "BackendRefs": [ { "Name": "stock", "Port": 8443 } ] },
              { "Matches": [ { "Path": { "Value": "/9443" } } ], "BackendRefs": [ { "Name": "stock", "Port": 9443 } ] },
              { "BackendRefs": [ { "Name": "stock" } ] } ]
            """,
            stub,
            """ "LoadBalancing": { "Policy": "RoundRobin" }""");

        Assert.That(await AuthoritiesAsync("/8443"), Is.EquivalentTo(new[] { "10.0.2.1:8443", "10.0.2.2:7" }));
        Assert.That(await AuthoritiesAsync("/9443"), Is.EquivalentTo(new[] { "10.0.2.1:9443", "10.0.2.2:7" }));
        Assert.That(await AuthoritiesAsync("/"), Is.EquivalentTo(new[] { "10.0.2.1", "10.0.2.2:7" }));
        Assert.That(
            host.State.GetServices().Select(static service => service.Name),
            Is.SupersetOf(new[] { "stock", "stock:8443", "stock:9443" }));

        async Task<IEnumerable<string>> AuthoritiesAsync(string path)
        {
            var before = stub.Requests.Count;
            for (var i = 0; i < 40; i++)
            {
                using var response = await host.CreateClient().GetAsync(new Uri($"https://orders{path}"));
            }

            return stub.Requests.Skip(before).Select(static seen => seen.Uri.Authority).Distinct();
        }
    }

    [Test]
    public async Task SendAsync_FiltersOfTheBackend_ComeAfterThoseOfTheRule()
    {
        using var stub = new StubHandler(static _ =>
        {
            var response = new HttpResponseMessage();
            response.Headers.Add("x-answer", "service");
            return response;
        });
        await using var host = Host(
            """
            [ { "Filters": [ { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-ask", "Value": "rule" } ] } },
                             { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Add": [ { "Name": "x-answer", "Value": "rule" } ] } } ],
                "BackendRefs": [ { "Name": "orders", "Filters": [
                  { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Add": [ { "Name": "x-ask", "Value": "backend" } ] } },
                  { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "x-answer", "Value": "backend" } ] } } ] } ] } ]
            """,
            stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/");

        using var response = await host.CreateClient().SendAsync(request);

        Assert.That(stub.Requests.Single().Headers["x-ask"], Is.EqualTo("rule,backend"));
        Assert.That(response.Headers.GetValues("x-answer"), Is.EqualTo(["backend", "rule"]));
        Assert.That(request.Headers, Is.Empty);
    }

    [TestCase("""{ "Codes": [ 418 ] }""", HttpStatusCode.ServiceUnavailable, 1)]
    [TestCase("""{ "Codes": [ 418 ] }""", (HttpStatusCode)418, 3)]
    [TestCase("""{ "Attempts": 0 }""", HttpStatusCode.ServiceUnavailable, 1)]
    [TestCase("""{ "Attempts": 5, "Codes": [ 503 ] }""", HttpStatusCode.ServiceUnavailable, 6)]
    [TestCase("{}", HttpStatusCode.ServiceUnavailable, 3)]
    public async Task SendAsync_RetryOfTheRule_TakesThePlaceOfTheServices(string retry, HttpStatusCode status, int attempts)
    {
        using var stub = StubHandler.Answering(status);
        await using var host = Host($$"""[ { "Retry": {{retry}}, "BackendRefs": [ { "Name": "orders" } ] } ]""", stub, """ "Retry": { "Backoff": "1ms" }""");

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));

        Assert.That(stub.Requests, Has.Count.EqualTo(attempts));
    }

    [Test]
    public async Task SendAsync_CodesOfTheRule_RepeatBrokenConnectionsToo()
    {
        using var stub = new StubHandler(static seen => seen.Number == 1 ? throw Given.Broken() : new HttpResponseMessage());
        await using var host = Host("""[ { "Retry": { "Codes": [ 500 ] }, "BackendRefs": [ { "Name": "orders" } ] } ]""", stub);

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task SendAsync_BackoffOfTheRule_IsTheShortestPause()
    {
        var time = new FakeTimeProvider();
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = new ClientHost(
            Given.Services(Addresses, """{ "orders": { "Rules": [ { "Retry": { "Backoff": "2s" }, "BackendRefs": [ { "Name": "orders" } ] } ] } }"""), stub, time);

        var call = host.CreateClient().GetAsync(new Uri("https://orders/"));
        await Eventually.UntilAsync(() => stub.Requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(1.999));
        await Task.Delay(20);
        Assert.That(stub.Requests, Has.Count.EqualTo(1));

        await Eventually.UntilAsync(() => call.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(10)));
        using var response = await call;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private static ClientHost Host(string rules, StubHandler stub, string defaults = "") => new(
        $$"""{ "Services": {{Addresses}}, "Mesh": { "Client": { "Defaults": { {{defaults}} }, "Services": { "orders": { "Rules": {{rules}} } } } } }""", stub);
}
