using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class RoutingTests
{
    [Test]
    public async Task Request_ByHostPathMethodHeaderAndQuery_ReachesItsService()
    {
        await using var orders = await Backend.StartAsync(static http => http.Response.WriteAsync("orders"));
        await using var canary = await Backend.StartAsync(static http => http.Response.WriteAsync("canary"));
        await using var admin = await Backend.StartAsync(static http => http.Response.WriteAsync("admin"));
        await using var edge = await Edge.StartAsync(
            """
            {
              "admin": { "Hostnames": [ "admin.example" ], "Rules": [ { "BackendRefs": [ { "Name": "admin" } ] } ] },
              "orders": { "Hostnames": [ "*.shop.example" ], "Rules": [
                { "Matches": [ { "Path": { "Value": "/orders" }, "Headers": [ { "Name": "X-Canary", "Value": "1" } ] },
                               { "Path": { "Value": "/orders" }, "QueryParams": [ { "Name": "canary", "Value": "yes please" } ] } ],
                  "BackendRefs": [ { "Name": "canary" } ] },
                { "Matches": [ { "Path": { "Type": "RegularExpression", "Value": "/o.*/[a-f]{4}" }, "Headers": [ { "Name": "X-Canary", "Type": "Absent" } ] } ], "BackendRefs": [ { "Name": "admin" } ] },
                { "Matches": [ { "Path": { "Value": "/orders" }, "Method": "GET" } ], "BackendRefs": [ { "Name": "orders" } ] } ] }
            }
            """,
            ("orders", orders.Address),
            ("canary", canary.Address),
            ("admin", admin.Address));
        Assert.Multiple(async () =>
        {
            Assert.That(await SendAsync("admin.example", "/anything"), Is.EqualTo("admin"));
            Assert.That(await SendAsync("eu.shop.example", "/orders/1"), Is.EqualTo("orders"));
            Assert.That(await SendAsync("eu.shop.example:8080", "/orders"), Is.EqualTo("orders"));
            Assert.That(await SendAsync("eu.shop.example", "/orders", canary: true), Is.EqualTo("orders"), "a method comes before headers");
            Assert.That(await SendAsync("eu.shop.example", "/orders", "POST", canary: true), Is.EqualTo("canary"));
            Assert.That(await SendAsync("eu.shop.example", "/orders?canary=yes+please", "PUT"), Is.EqualTo("canary"));
            Assert.That(await SendAsync("eu.shop.example", "/orders/cafe"), Is.EqualTo("admin"), "a pattern comes before prefixes");
            Assert.That(await SendAsync("eu.shop.example", "/orders/cafe", canary: true), Is.EqualTo("orders"));
            Assert.That(await SendAsync("eu.shop.example", "/orders/cafes"), Is.EqualTo("orders"), "the whole path");
            Assert.That(await SendAsync("eu.shop.example", "/orders", "PUT"), Is.EqualTo("NotFound"));
            Assert.That(await SendAsync("eu.shop.example", "/ordersx"), Is.EqualTo("NotFound"));
            Assert.That(await SendAsync("shop.example", "/orders"), Is.EqualTo("NotFound"));
        });

        async Task<string> SendAsync(string host, string path, string method = "GET", bool canary = false)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Host = host } };
            if (canary)
            {
                request.Headers.Add("x-canary", "1");
            }

            using var response = await edge.Client.SendAsync(request);
            return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync() : response.StatusCode.ToString();
        }
    }

    [Test]
    public async Task Request_WeightedBackends_AreSharedInProportion()
    {
        await using var first = await Backend.StartAsync();
        await using var second = await Backend.StartAsync();
        await using var third = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(
            """{ "r": { "Rules": [ { "BackendRefs": [ { "Name": "a", "Weight": 80 }, { "Name": "b", "Weight": 20 }, { "Name": "c", "Weight": 0 } ] } ] } }""",
            ("a", first.Address),
            ("b", second.Address),
            ("c", third.Address));
        const int Calls = 1000;
        for (var i = 0; i < Calls; i++)
        {
            using var response = await edge.Client.GetAsync("/");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        // Five standard deviations of a binomial draw (12.6): wrong once in two million runs.
        Assert.That((first.Requests + second.Requests, third.Requests), Is.EqualTo((Calls, 0)));
        Assert.That(first.Requests, Is.EqualTo(800).Within(63));
    }

    [Test]
    public async Task Request_PrefixRewriteAndHostname_AreWhatTheServiceSees()
    {
        await using var backend = await Backend.StartAsync();
        await using var edge = await Edge.StartAsync(
            """
            { "r": { "Rules": [ { "Matches": [ { "Path": { "Value": "/api/orders" } } ],
              "Filters": [ { "Type": "URLRewrite", "URLRewrite": { "Hostname": "orders.internal", "Path": { "Type": "ReplacePrefixMatch", "ReplacePrefixMatch": "/orders" } } } ],
              "BackendRefs": [ { "Name": "orders" } ] } ] } }
            """,
            ("orders", backend.Address));
        foreach (var (sent, seen) in new[] { ("/api/orders/1?x=%7e", "/orders/1?x=%7e"), ("/api/orders", "/orders"), ("/api/orders/", "/orders/") })
        {
            await edge.GetRawAsync(sent);
            Assert.That(backend.Target, Is.EqualTo(seen));
        }

        Assert.That(backend.Headers["Host"], Is.EqualTo("orders.internal"));
    }

    [Test]
    public async Task Request_HeaderFilters_ChangeRequestAndResponse()
    {
        await using var backend = await Backend.StartAsync(static http =>
        {
            http.Response.Headers["X-Internal"] = "secret";
            http.Response.Headers["X-Kept"] = "a";
            http.Response.Headers.CacheControl = "no-cache";
            return http.Response.WriteAsync("ok");
        });
        await using var edge = await Edge.StartAsync(
            Edge.Everything("orders", """
                "Filters": [
                  { "Type": "RequestHeaderModifier", "RequestHeaderModifier": { "Set": [ { "Name": "X-Set", "Value": "new" }, { "Name": "Content-Type", "Value": "text/x" } ], "Add": [ { "Name": "X-Add", "Value": "2" } ], "Remove": [ "X-Remove" ] } },
                  { "Type": "ResponseHeaderModifier", "ResponseHeaderModifier": { "Set": [ { "Name": "Cache-Control", "Value": "no-store" } ], "Add": [ { "Name": "X-Kept", "Value": "b" } ], "Remove": [ "X-Internal" ] } } ]
                """),
            ("orders", backend.Address));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Headers = { { "X-Set", "old" }, { "X-Add", "1" }, { "X-Remove", "gone" } },
            Content = new StringContent("body"),
        };
        using var response = await edge.Client.SendAsync(request);
        Assert.Multiple(() =>
        {
            Assert.That(backend.Headers["X-Set"], Is.EqualTo("new"));
            Assert.That(backend.Headers["Content-Type"], Is.EqualTo("text/x"));
            Assert.That(backend.Headers["X-Add"], Is.EqualTo("1, 2").Or.EqualTo("1,2"));
            Assert.That(backend.Headers, Does.Not.ContainKey("X-Remove"));
            Assert.That(response.Headers.Contains("X-Internal"), Is.False);
            Assert.That(response.Headers.GetValues("X-Kept"), Is.EqualTo(["a", "b"]));
            Assert.That(response.Headers.CacheControl!.ToString(), Is.EqualTo("no-store"));
        });
    }
}
