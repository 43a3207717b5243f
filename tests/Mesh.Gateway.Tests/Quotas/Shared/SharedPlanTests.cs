using System.Net;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Tests.Quotas.Shared;

/// <summary>Shared quotas of plans, on the sockets of two gateways.</summary>
internal sealed class SharedPlanTests
{
    private const string Local = """{ "Name": "day", "Limit": 1000, "Period": "Day" }""";
    private const string Month = """{ "Name": "month", "Limit": 20, "Shared": { "Timeout": "5s" } }""";

    [Test]
    public async Task Request_TwoGateways_HaveTheQuotaTogether()
    {
        using var server = await RedisServer.StartAsync();
        await using var backend = await Backend.StartAsync();
        await using var one = await StartAsync(backend, server.Port, $"{Month}, {Local}");
        await using var two = await StartAsync(backend, server.Port, $"{Month}, {Local}");
        var statuses = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var response = await (i % 2 == 0 ? one : two).Client.GetAsync(new Uri("/", UriKind.Relative));
            return response.StatusCode;
        }));
        using var refused = await one.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That(statuses.Count(static status => status == HttpStatusCode.OK), Is.EqualTo(20).Or.EqualTo(19).Or.EqualTo(18));
        Assert.That(statuses, Is.All.AnyOf(HttpStatusCode.OK, HttpStatusCode.TooManyRequests));
        Assert.That(backend.Requests, Is.LessThanOrEqualTo(20));
        Assert.That(refused.Headers.RetryAfter, Is.Not.Null);
        Assert.That(refused.Headers.GetValues("RateLimit-Policy").Single(), Is.EqualTo("\"day\";q=1000;w=86400, \"month\";q=20;w=2592000"));
        Assert.That(refused.Headers.GetValues("RateLimit").Single(), Does.StartWith("\"month\";r=0;t="));
    }

    [Test]
    public async Task Request_LocalQuotaRefuses_TheSharedOneIsNotCharged()
    {
        using var server = await RedisServer.StartAsync();
        await using var backend = await Backend.StartAsync();
        await using var one = await StartAsync(backend, server.Port, $$"""{{Month}}, { "Name": "day", "Limit": 2, "Period": "Day" }""");
        for (var i = 0; i < 10; i++)
        {
            (await one.Client.GetAsync(new Uri("/", UriKind.Relative))).Dispose();
        }

        one.Reload(Edge.Everything("a"), Members($"{Month}, {Local}"), Redis(server.Port));
        using var response = await one.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.That(response.Headers.GetValues("RateLimit").Single(), Does.Contain("\"month\";r=17;"));
    }

    [Test]
    public async Task Request_StoreIsAwayAndClosed_Is503()
    {
        await using var backend = await Backend.StartAsync();
        await using var path = new NetworkPath(1);
        path.Cut();
        await using var one = await StartAsync(backend, path.Port, """{ "Name": "month", "Limit": 20, "Shared": { "WhenUnavailable": "Closed" } }""");
        using var response = await one.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("plan-quota-unavailable"));
    }

    [Test]
    public void Start_WithoutAStore_SaysWhatIsMissing() => Assert.That(
        async () => await Edge.StartWithMembersAsync(Edge.Everything("a"), Members(Month), ""),
        Throws.Exception.With.Message.Contains("Mesh:Gateway:Plans:free:Quotas:0:Shared").And.Message.Contains("AddMeshRedis()"));

    private static Task<Edge> StartAsync(Backend backend, int port, string quotas) => Edge.StartWithAsync(
        static builder => builder.Services.AddMeshRedis(), Edge.Everything("a"), Members(quotas), Redis(port), ("a", backend.Address));

    private static string Members(string quotas) => $$""" "Plans": { "free": { "Quotas": [ {{quotas}} ] } }, "AnonymousPlan": "free", """;

    private static string Redis(int port) => $$""" "Redis": { "Connection": "{{RedisServer.ConnectionTo(port)}}" }, """;
}
