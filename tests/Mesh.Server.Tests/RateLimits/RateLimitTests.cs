using System.Net;
using Mesh.Server.Tests.Authentication;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Mesh.Server.Tests.RateLimits;

internal sealed class RateLimitTests
{
    private static readonly TokenForge Forge = new();

    [Test]
    public async Task OverTheLimit_IsToldWhenToComeBack()
    {
        await using var app = await StartAsync(("Name", "per-caller"), ("Limit", "2"), ("Window", "00:01:00"));
        using var first = await app.Peer().GetAsync("/");
        using var second = await app.Peer().GetAsync("/");
        using var third = await app.Peer().GetAsync("/");

        Assert.That(Field(first, "RateLimit-Policy"), Is.EqualTo("\"per-caller\";q=2;w=60"));
        Assert.That(Field(first, "RateLimit"), Is.EqualTo("\"per-caller\";r=1;t=30"));
        Assert.That(Field(second, "RateLimit"), Is.EqualTo("\"per-caller\";r=0;t=60"));
        await ProblemAssert.IsProblemAsync(third, HttpStatusCode.TooManyRequests, "quota-exceeded");
        Assert.That(Field(third, "RateLimit-Policy"), Is.EqualTo("\"per-caller\";q=2;w=60"));
        Assert.That(Field(third, "RateLimit"), Is.EqualTo("\"per-caller\";r=0;t=30"));
        Assert.That(Field(third, "Retry-After"), Is.EqualTo("30"));
    }

    [Test]
    public async Task ShortWindow_IsScaledToTheSecondsOfTheField()
    {
        await using var app = await StartAsync(("Name", "fast"), ("Limit", "5"), ("Window", "00:00:00.100"), ("Burst", "7"));
        using var response = await app.Peer().GetAsync("/");

        Assert.That(Field(response, "RateLimit-Policy"), Is.EqualTo("\"fast\";q=50;w=1"));
    }

    [Test]
    public async Task Callers_HaveBucketsOfTheirOwn()
    {
        await using var app = await StartAsync(("Name", "per-caller"), ("Limit", "1"), ("Window", "01:00:00"));
        var catalog = app.Peer(ServedApp.Authority.Issue("catalog"));

        Assert.That(await StatusesAsync(app.Peer(), catalog, app.Peer(), catalog), Is.EqualTo(new[] { 200, 200, 429, 429 }));
    }

    [Test]
    public async Task People_BehindOneService_HaveBucketsOfTheirOwn()
    {
        await using var app = await StartAsync(("Name", "per-caller"), ("Limit", "1"), ("Window", "01:00:00"));
        List<int> statuses = [];
        foreach (var person in new[] { "alice", "bob", "alice" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Authorization = new("Bearer", Forge.Rs256(claims => claims["sub"] = person));
            using var response = await app.Peer().SendAsync(request);
            statuses.Add((int)response.StatusCode);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 429 }));
    }

    [Test]
    public async Task SeveralLimits_RefusalOfOneChargesNone()
    {
        await using var app = await ServedApp.StartAsync(Map,
        [
            ("RateLimits:0:Name", "all"),
            ("RateLimits:0:Partition", "global"),
            ("RateLimits:0:Limit", "2"),
            ("RateLimits:0:Window", "01:00:00"),
            ("RateLimits:1:Name", "each"),
            ("RateLimits:1:Limit", "1"),
            ("RateLimits:1:Window", "02:00:00"),
        ]);
        using var first = await app.Peer().GetAsync("/");
        using var refused = await app.Peer().GetAsync("/");
        using var other = await app.Peer(ServedApp.Authority.Issue("catalog")).GetAsync("/");

        Assert.That(Field(first, "RateLimit-Policy"), Is.EqualTo("\"all\";q=2;w=3600, \"each\";q=1;w=7200"));
        Assert.That(Field(first, "RateLimit"), Is.EqualTo("\"all\";r=1;t=1800, \"each\";r=0;t=7200"));
        Assert.That(Field(refused, "RateLimit"), Does.Match("^\"each\";r=0;t=(7200|7199)$"));
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK), "the refused request has left the shared limit alone");
    }

    [Test]
    public async Task Reload_OtherLimitAdded_WhatWasUsedUpStaysUsedUp()
    {
        await using var app = await StartAsync(("Name", "per-caller"), ("Limit", "1"), ("Window", "01:00:00"));
        await app.Peer().GetAsync("/");

        app.Reconfigure(("RateLimits:1:Name", "new"), ("RateLimits:1:Limit", "1000"));
        using var response = await app.Peer().GetAsync("/");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(Field(response, "RateLimit-Policy"), Does.Contain("\"new\";q=1000;w=1"));
    }

    [Test]
    public async Task Header_EachValueHasItsBucket_AndThoseWithoutShareOne()
    {
        await using var app = await StartAsync(("Name", "per-tenant"), ("Partition", "Header"), ("Header", "x-tenant"), ("Limit", "1"), ("Window", "01:00:00"));
        List<int> statuses = [];
        foreach (var tenant in new[] { "a", "b", "a", null, null })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            if (tenant is not null)
            {
                request.Headers.Add("X-Tenant", tenant);
            }

            using var response = await app.Peer().SendAsync(request);
            statuses.Add((int)response.StatusCode);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 429, 200, 429 }));
    }

    [Test]
    public async Task Claim_EachValueHasItsBucket()
    {
        await using var app = await StartAsync(("Name", "per-tenant"), ("Partition", "Claim"), ("Claim", "tenant.id"), ("Limit", "1"), ("Window", "01:00:00"));
        List<int> statuses = [];
        foreach (var tenant in new[] { "a", "b", "a" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Authorization = new("Bearer", Forge.Rs256(claims => claims["tenant"] = new System.Text.Json.Nodes.JsonObject { ["id"] = tenant }));
            using var response = await app.Peer().SendAsync(request);
            statuses.Add((int)response.StatusCode);
        }

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 429 }));
    }

    [Test]
    public async Task Peer_CountsTheServiceWhateverThePerson()
    {
        await using var app = await StartAsync(("Name", "per-service"), ("Partition", "Peer"), ("Limit", "1"), ("Window", "01:00:00"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Authorization = new("Bearer", Forge.Rs256());
        using var person = await app.Peer().SendAsync(request);

        Assert.That((int)person.StatusCode, Is.EqualTo(200));
        Assert.That(await StatusesAsync(app.Peer(), app.Peer(ServedApp.Authority.Issue("catalog"))), Is.EqualTo(new[] { 429, 200 }));
    }

    [Test]
    public async Task Selectors_OtherRequests_AreNeitherChargedNorTold()
    {
        await using var app = await StartAsync(
            ("Name", "writes"), ("Partition", "Global"), ("Methods:0", "post"), ("Paths:0", "/orders"), ("Paths:1", "/orders/*"), ("Limit", "1"), ("Window", "01:00:00"));

        using var read = await app.Peer().GetAsync("/orders/1");
        using var other = await app.Peer().PostAsync("/other", null);
        using var write = await app.Peer().PostAsync("/orders/1", null);
        using var again = await app.Peer().PostAsync("/Orders/%32", null);

        Assert.That(new[] { read, other, write, again }.Select(static response => (int)response.StatusCode), Is.EqualTo(new[] { 200, 200, 200, 429 }));
        Assert.That(read.Headers.Contains("RateLimit-Policy"), Is.False);
        Assert.That(Field(write, "RateLimit-Policy"), Is.EqualTo("\"writes\";q=1;w=3600"));
    }

    [Test]
    public async Task Route_EachOfThePathsHasItsBucket()
    {
        await using var app = await StartAsync(("Name", "per-route"), ("Partition", "Route"), ("Paths:0", "/orders/*"), ("Paths:1", "/other"), ("Limit", "1"), ("Window", "01:00:00"));

        Assert.That(
            new[] { await StatusAsync(app, "/orders/1"), await StatusAsync(app, "/orders/2"), await StatusAsync(app, "/other"), await StatusAsync(app, "/") },
            Is.EqualTo(new[] { 200, 429, 200, 200 }));
    }

    [Test]
    public async Task Cost_TakesAsManyTokens()
    {
        await using var app = await ServedApp.StartAsync(Map,
        [
            ("RateLimits:0:Name", "dear"), ("RateLimits:0:Limit", "10"), ("RateLimits:0:Window", "01:00:00"), ("RateLimits:0:Cost", "4"),
        ]);
        using var first = await app.Peer().GetAsync("/");
        using var second = await app.Peer().GetAsync("/");
        using var third = await app.Peer().GetAsync("/");

        Assert.That(Field(first, "RateLimit"), Does.StartWith("\"dear\";r=6;"));
        Assert.That(Field(second, "RateLimit"), Does.StartWith("\"dear\";r=2;"));
        Assert.That((int)third.StatusCode, Is.EqualTo(429));
    }

    [Test]
    public async Task SlidingWindow_IsToldAsItsQuota()
    {
        await using var app = await StartAsync(("Name", "window"), ("Algorithm", "SlidingWindow"), ("Limit", "2"), ("Window", "01:00:00"));
        using var first = await app.Peer().GetAsync("/");
        using var second = await app.Peer().GetAsync("/");
        using var third = await app.Peer().GetAsync("/");

        Assert.That(Field(first, "RateLimit-Policy"), Is.EqualTo("\"window\";q=2;w=3600"));
        Assert.That(Field(second, "RateLimit"), Does.StartWith("\"window\";r=0;"));
        Assert.That((int)third.StatusCode, Is.EqualTo(429));
        Assert.That(int.Parse(Field(third, "Retry-After"), null), Is.InRange(3500, 5400));
    }

    private static async Task<int> StatusAsync(ServedApp app, string path)
    {
        using var response = await app.Peer().GetAsync(path);
        return (int)response.StatusCode;
    }

    private static async Task<List<int>> StatusesAsync(params HttpClient[] callers)
    {
        List<int> statuses = [];
        foreach (var caller in callers)
        {
            using var response = await caller.GetAsync("/");
            statuses.Add((int)response.StatusCode);
        }

        return statuses;
    }

    private static string Field(HttpResponseMessage response, string name) => string.Join("|", response.Headers.NonValidated[name]);

    private static Task<ServedApp> StartAsync(params (string Key, string? Value)[] limit) => ServedApp.StartAsync(
        Map,
        [
            .. limit.Select(static setting => ($"RateLimits:0:{setting.Key}", setting.Value)),
            ("Authentication:Jwt:0:Issuer", TokenForge.Issuer),
            ("Authentication:Jwt:0:Jwks", Forge.Jwks),
        ]);

    private static void Map(WebApplication app) => app.MapFallback(static () => "ok");
}
