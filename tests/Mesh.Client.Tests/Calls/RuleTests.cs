using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;

namespace Mesh.Client.Tests.Calls;

public sealed class RuleTests
{
    private const string Addresses = """{ "orders": { "https": [ "10.0.1.1:1" ] }, "orders-v2": { "https": [ "10.0.2.1:1" ] } }""";

    [TestCase("1", "10.0.2.1")]
    [TestCase("0", "10.0.1.1")]
    [TestCase(null, "10.0.1.1")]
    public async Task SendAsync_HeaderMatch_GoesToItsBackend(string? canary, string host)
    {
        var seen = await SendAsync(
            """
            [ { "Matches": [ { "Headers": [ { "Name": "x-canary", "Value": "1" } ] } ], "BackendRefs": [ { "Name": "orders-v2" } ] },
              { "BackendRefs": [ { "Name": "orders" } ] } ]
            """,
            request =>
            {
                if (canary is not null)
                {
                    request.Headers.Add("x-canary", canary);
                }
            });

        Assert.That(seen.Uri.Host, Is.EqualTo(host));
    }

    [TestCase("/items/12/preview", null, "10.0.2.1")]
    [TestCase("/items/x/preview", null, "10.0.1.1")]
    [TestCase("/items/12/preview/", null, "10.0.1.1")]
    [TestCase("/items/12/preview", "any", "10.0.1.1")]
    public async Task SendAsync_PatternAndAbsentHeader_GoesToItsBackend(string path, string? stable, string host)
    {
        var seen = await SendAsync(
            """
            [ { "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/items/[0-9]+/preview" }, "Headers": [ { "Name": "x-stable", "Type": "Absent" } ] } ],
                "BackendRefs": [ { "Name": "orders-v2" } ] },
              { "BackendRefs": [ { "Name": "orders" } ] } ]
            """,
            request =>
            {
                request.RequestUri = new Uri(request.RequestUri!, path);
                if (stable is not null)
                {
                    request.Headers.Add("x-stable", stable);
                }
            });

        Assert.That(seen.Uri.Host, Is.EqualTo(host));
    }

    [Test]
    public async Task SendAsync_Weights_SplitTheCalls()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host("""[ { "BackendRefs": [ { "Name": "orders", "Weight": 80 }, { "Name": "orders-v2", "Weight": 20 } ] } ]""", stub);
        var client = host.CreateClient();
        for (var i = 0; i < 2000; i++)
        {
            using var response = await client.GetAsync(new Uri("https://orders/"));
        }

        // Five standard deviations of a binomial with n = 2000 and p = 0.2.
        Assert.That(stub.Requests.Count(static seen => seen.Uri.Host == "10.0.2.1"), Is.EqualTo(400).Within(90));
    }

    [Test]
    public async Task SendAsync_Filters_ChangeWhatTheBackendSeesAndNotTheCallersMessage()
    {
        using var stub = new StubHandler(static _ =>
        {
            var response = new HttpResponseMessage { Content = new StringContent("x") };
            response.Headers.Add("server", "secret");
            return response;
        });
        await using var host = Host(
            """
            [ { "Matches": [ { "Path": { "Type": "PathPrefix", "Value": "/api" } } ],
                "Filters": [
                  { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "x-set", "Value": "new" } ], "Add": [ { "Name": "x-add", "Value": "b" } ], "Remove": [ "x-gone", "Content-Type" ] } },
                  { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "Content-Language", "Value": "en" } ], "Remove": [ "server", "Content-Type" ] } },
                  { "Type": "URLRewrite", "URLRewrite": { "Hostname": "orders.internal", "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/v2" } } } ],
                "BackendRefs": [ { "Name": "orders" } ] } ]
            """,
            stub);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://orders/api/items?x=1") { Content = new StringContent("body") };
        request.Headers.Add("x-set", "old");
        request.Headers.Add("x-add", "a");
        request.Headers.Add("x-gone", "1");

        using var response = await host.CreateClient().SendAsync(request);

        var seen = stub.Requests.Single();
        Assert.That(seen.Uri.ToString(), Is.EqualTo("https://10.0.1.1:1/v2/items?x=1"));
        Assert.That(seen.Host, Is.EqualTo("orders.internal"));
        Assert.That(seen.Headers["x-set"], Is.EqualTo("new"));
        Assert.That(seen.Headers["x-add"], Is.EqualTo("a,b"));
        Assert.That(seen.Headers, Does.Not.ContainKey("x-gone"));
        Assert.That(seen.Body, Is.EqualTo("body"));
        Assert.That(response.Headers.Contains("server"), Is.False);
        Assert.That(response.Content.Headers.ContentType, Is.Null);
        Assert.That(response.Content.Headers.ContentLanguage, Is.EqualTo(["en"]));
        Assert.That(request.RequestUri!.AbsolutePath, Is.EqualTo("/api/items"));
        Assert.That(request.Headers.GetValues("x-set"), Is.EqualTo(["old"]));
        Assert.That(request.Headers.Contains("x-gone"), Is.True);
        Assert.That(request.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/plain"));
    }

    [Test]
    public async Task SendAsync_RewrittenRequestFails_IsRepeatedRewritten()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        await using var host = Host(
            """
            [ { "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Path": { "Type": "ReplaceFullPath", "ReplaceFullPath": "/all" } } } ],
                "BackendRefs": [ { "Name": "orders-v2" } ] } ]
            """,
            stub);

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/x?y=1"));

        Assert.That(stub.Requests.Select(static seen => seen.Uri.ToString()), Has.Exactly(2).EqualTo("https://10.0.2.1:1/all?y=1"));
    }

    [TestCase("""[ { "Matches": [ { "Path": { "Type": "Exact", "Value": "/other" } } ], "BackendRefs": [ { "Name": "orders" } ] } ]""", RejectionReason.NoRoute)]
    [TestCase("""[ { "BackendRefs": [ { "Name": "orders", "Weight": 0 } ] } ]""", RejectionReason.NoBackend)]
    [TestCase("""[ { "Name": "empty" } ]""", RejectionReason.NoBackend)]
    [TestCase("""[ { "BackendRefs": [ { "Name": "nobody" } ] } ]""", RejectionReason.NoEndpoints)]
    public async Task SendAsync_NowhereToGo_IsRefused(string rules, RejectionReason reason)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(rules, stub);

        var exception = await Assert.ThrowsAsync<MeshRejectedException>(() => host.CreateClient().GetAsync(new Uri("https://orders/")));

        Assert.That(exception!.Reason, Is.EqualTo(reason));
        Assert.That(stub.Requests, Is.Empty);
    }

    [Test]
    public async Task SendAsync_RuleTimeouts_TakeThePlaceOfThePolicys()
    {
        var seen = await SendAsync("""[ { "Timeouts": { "Request": "2s", "BackendRequest": "700ms" }, "BackendRefs": [ { "Name": "orders" } ] } ]""", static _ => { });
        Assert.That(seen.Headers[MeshHeaders.Timeout], Is.EqualTo("700m"));
    }

    [Test]
    public async Task SendAsync_RuleSwitchesTimeoutsOff_HasNone()
    {
        var seen = await SendAsync("""[ { "Timeouts": { "Request": "0s", "BackendRequest": "0s" }, "BackendRefs": [ { "Name": "orders" } ] } ]""", static _ => { });
        Assert.That(seen.Headers, Does.Not.ContainKey(MeshHeaders.Timeout));
    }

    private static async Task<StubHandler.Seen> SendAsync(string rules, Action<HttpRequestMessage> prepare)
    {
        using var stub = StubHandler.Answering(HttpStatusCode.OK);
        await using var host = Host(rules, stub);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/items");
        prepare(request);
        using var response = await host.CreateClient().SendAsync(request);
        return stub.Requests.Single();
    }

    private static ClientHost Host(string rules, StubHandler stub) => new(Given.Services(Addresses, $$"""{ "orders": { "Rules": {{rules}} } }"""), stub);
}
