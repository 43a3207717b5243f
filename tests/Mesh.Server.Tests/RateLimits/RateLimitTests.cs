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

    private static void Map(WebApplication app) => app.MapGet("/", static () => "ok");
}
