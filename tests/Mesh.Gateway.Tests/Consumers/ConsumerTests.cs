using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.ApiKeys;

namespace Mesh.Gateway.Tests.Consumers;

/// <summary>Consumers and plans on real sockets, with API keys.</summary>
public sealed class ConsumerTests
{
    private static readonly string Secret = ApiKeySecret.Generate();
    private static readonly string Acme = ApiKey.Generate();
    private static readonly string Zeta = ApiKey.Generate();

    private const string Routes = """
        {
          "orders": { "Rules": [ { "Matches": [ { "Path": { "Value": "/orders" } } ], "BackendRefs": [ { "Name": "a" } ] } ] },
          "reports": { "Rules": [ { "Matches": [ { "Path": { "Value": "/reports" } } ], "BackendRefs": [ { "Name": "a" } ] } ] }
        }
        """;

    [Test]
    public async Task Request_WithoutCredentials_Is401AndTellsHow()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": {} }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        using var response = await gateway.GetAsync("/orders");
        Assert.That(await ProblemOf(response), Is.EqualTo((401, "urn:mesh:problem:consumer-required")));
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer, ApiKey"));
        Assert.That(gateway.Backend.Requests, Is.Zero);
    }

    [Test]
    public async Task Request_OfAConsumerOfNoPlan_Is403()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": {} }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        using var response = await gateway.GetAsync("/orders", Zeta);
        Assert.That(await ProblemOf(response), Is.EqualTo((403, "urn:mesh:problem:consumer-unknown")));
    }

    [Test]
    public async Task Request_RouteNotInThePlan_Is403AndOthersPass()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": { "Routes": [ "orders" ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        using var good = await gateway.GetAsync("/orders", Acme);
        using var bad = await gateway.GetAsync("/reports", Acme);
        Assert.That(good.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await ProblemOf(bad), Is.EqualTo((403, "urn:mesh:problem:route-not-in-plan")));
    }

    [TestCase("read", HttpStatusCode.OK)]
    [TestCase("write", HttpStatusCode.Forbidden)]
    public async Task Request_ScopesOfThePlan_AreAskedFor(string scope, HttpStatusCode status)
    {
        await using var gateway = await StartAsync($$""" "Plans": { "gold": { "Scopes": [ "{{scope}}" ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        using var response = await gateway.GetAsync("/orders", Acme);
        Assert.That(response.StatusCode, Is.EqualTo(status));
        if (status == HttpStatusCode.Forbidden)
        {
            Assert.That(await ProblemOf(response), Is.EqualTo((403, "urn:mesh:problem:insufficient-scope")));
        }
    }

    [Test]
    public async Task Request_BeyondTheRateLimit_Is429AndCostsNoQuota()
    {
        await using var gateway = await StartAsync(
            """ "Plans": { "gold": { "RateLimits": [ { "Name": "pace", "Limit": 1, "Window": "24h", "Burst": 2 } ], "Quotas": [ { "Name": "month", "Limit": 100 } ] } }, "Consumers": { "acme": { "Plan": "gold" }, "zeta": { "Plan": "gold" } }, """);
        using var first = await gateway.GetAsync("/orders", Acme);
        Assert.That(first.Headers.GetValues("RateLimit-Policy").Single(), Is.EqualTo("\"pace\";q=1;w=86400, \"month\";q=100;w=2592000"));
        Assert.That(first.Headers.GetValues("RateLimit").Single(), Does.StartWith("\"pace\";r=1;t=").And.Contains(", \"month\";r=99;t="));
        (await gateway.GetAsync("/orders", Acme)).Dispose();
        using var refused = await gateway.GetAsync("/orders", Acme);
        Assert.That(await ProblemOf(refused), Is.EqualTo((429, "urn:mesh:problem:plan-rate-exceeded")));
        Assert.That(refused.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.FromHours(23)));
        Assert.That(refused.Headers.GetValues("RateLimit").Single(), Is.EqualTo($"\"pace\";r=0;t={refused.Headers.RetryAfter.Delta!.Value.TotalSeconds}"));
        using var other = await gateway.GetAsync("/orders", Zeta);
        Assert.That(other.Headers.GetValues("RateLimit").Single(), Does.Contain("\"month\";r=99;"), "each consumer has its own");
        Assert.That(gateway.Backend.Requests, Is.EqualTo(3));
    }

    [Test]
    public async Task Request_BeyondTheQuota_Is429UntilTheMonthEnds()
    {
        await using var gateway = await StartAsync(
            """ "Plans": { "gold": { "Costs": { "reports": 10, "orders": 0 }, "Quotas": [ { "Name": "month", "Limit": 25 } ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        (await gateway.GetAsync("/reports", Acme)).Dispose();
        (await gateway.GetAsync("/reports", Acme)).Dispose();
        using var refused = await gateway.GetAsync("/reports", Acme);
        Assert.That(await ProblemOf(refused), Is.EqualTo((429, "urn:mesh:problem:plan-quota-exceeded")));
        var now = DateTime.UtcNow;
        var left = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1) - now;
        Assert.That(refused.Headers.RetryAfter!.Delta, Is.EqualTo(left).Within(TimeSpan.FromMinutes(1)));
        Assert.That(refused.Headers.GetValues("RateLimit").Single(), Does.StartWith("\"month\";r=5;t="));
        using var free = await gateway.GetAsync("/orders", Acme);
        Assert.That(free.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Request_OfAnyoneWithADefaultPlan_IsAConsumerOfItsOwn()
    {
        await using var gateway = await StartAsync(
            """ "Plans": { "free": { "Quotas": [ { "Name": "day", "Limit": 1, "Period": "Day" } ] } }, "DefaultPlan": "free", "AnonymousPlan": "free", """);
        string?[] callers = [Acme, Zeta, null];
        foreach (var key in callers)
        {
            using var first = await gateway.GetAsync("/orders", key);
            using var second = await gateway.GetAsync("/orders", key);
            Assert.That((first.StatusCode, second.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.TooManyRequests)));
        }

        var usage = await gateway.UsageAsync();
        Assert.That(usage.Select(static row => row.Consumer).Distinct(), Is.EqualTo(new[] { "(anonymous)", "api-key/acme", "api-key/zeta" }));
    }

    [Test]
    public async Task Usage_AfterSomeRequests_HasARowForEachAnswer()
    {
        await using var gateway = await StartAsync(
            """ "Plans": { "gold": { "Costs": { "reports": 10 }, "Quotas": [ { "Name": "month", "Limit": 15 } ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        for (var i = 0; i < 3; i++)
        {
            (await gateway.GetAsync("/orders", Acme)).Dispose();
            (await gateway.GetAsync("/reports", Acme)).Dispose();
        }

        (await gateway.GetAsync("/nowhere", Acme)).Dispose();
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        Assert.That(await gateway.UsageAsync(), Is.EqualTo(new[]
        {
            new Row(today, "acme", "orders", 200, "2xx", 3, 3),
            new Row(today, "acme", "reports", 200, "2xx", 1, 10),
            new Row(today, "acme", "reports", 429, "4xx", 2, 0),
        }));
        Assert.That(
            await gateway.Edge.Client.GetStringAsync(new Uri("/mesh/usage?format=csv&route=orders", UriKind.Relative)),
            Is.EqualTo($"day,consumer,route,status,class,requests,cost\r\n{today:yyyy-MM-dd},acme,orders,200,2xx,3,3\r\n"));
        Assert.That(await gateway.UsageAsync("?to=2020-01-01"), Is.Empty);
        Assert.That(await gateway.UsageAsync("?consumer=zeta"), Is.Empty);
        using var bad = await gateway.GetAsync("/mesh/usage?from=yesterday");
        Assert.That(await ProblemOf(bad), Is.EqualTo((400, "urn:mesh:problem:bad-usage-query")));
    }

    [Test]
    public async Task Usage_BackendFails_IsCountedAsWhatTheCallerGot()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": {} }, "Consumers": { "acme": { "Plan": "gold" } }, """, static http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        using var response = await gateway.GetAsync("/orders", Acme);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await gateway.UsageAsync()).Single(), Has.Property("Status").EqualTo(502).And.Property("Requests").EqualTo(1));
    }

    [Test]
    public async Task Usage_NotMapped_IsNotThere()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": {} }, "AnonymousPlan": "gold", """, maps: false);
        using var response = await gateway.GetAsync("/mesh/usage");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Reload_UnderLoad_EveryRequestIsChargedOnceAndNoneFails()
    {
        const string Before = """ "Plans": { "gold": { "Quotas": [ { "Name": "month", "Limit": 1000000 } ], "RateLimits": [ { "Name": "pace", "Limit": 900000 } ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """;
        const string After = """ "Plans": { "iron": { "Quotas": [ { "Name": "month", "Limit": 2000000 } ] } }, "Consumers": { "acme": { "Plan": "iron" } }, """;
        await using var gateway = await StartAsync(Before);
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await gateway.GetAsync("/orders", Acme);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Interlocked.Increment(ref sent);
            }
        })).ToArray();
        for (var i = 0; i < 50; i++)
        {
            gateway.Reload(i % 2 == 0 ? After : Before);
            (await gateway.GetAsync("/reports", Acme)).Dispose();
            Interlocked.Increment(ref sent);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        using var last = await gateway.GetAsync("/orders", Acme);
        Assert.That(last.Headers.GetValues("RateLimit").Single(), Does.Contain($"\"month\";r={1000000 - sent - 1};"));
        Assert.That((await gateway.UsageAsync()).Sum(static row => row.Requests), Is.EqualTo(sent + 1));
    }

    [Test]
    public async Task Reload_Invalid_KeepsPlansAndLimits()
    {
        await using var gateway = await StartAsync(""" "Plans": { "gold": { "Quotas": [ { "Name": "month", "Limit": 2 } ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """);
        (await gateway.GetAsync("/orders", Acme)).Dispose();
        gateway.Reload(""" "Plans": { "gold": {} }, "Consumers": { "acme": { "Plan": "silver" } }, """);
        (await gateway.GetAsync("/orders", Acme)).Dispose();
        using var refused = await gateway.GetAsync("/orders", Acme);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task Restart_WithADirectory_QuotaAndUsageGoOn()
    {
        var directory = Directory.CreateTempSubdirectory("mesh-usage-").FullName;
        var members = $$""" "Usage": { "Directory": "{{directory}}" }, "Plans": { "gold": { "Quotas": [ { "Name": "month", "Limit": 3 } ] } }, "Consumers": { "acme": { "Plan": "gold" } }, """;
        await using (var gateway = await StartAsync(members))
        {
            (await gateway.GetAsync("/orders", Acme)).Dispose();
            (await gateway.GetAsync("/orders", Acme)).Dispose();
        }

        await using (var gateway = await StartAsync(members))
        {
            using var third = await gateway.GetAsync("/orders", Acme);
            using var fourth = await gateway.GetAsync("/orders", Acme);
            Assert.That((third.StatusCode, fourth.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.TooManyRequests)));
            Assert.That((await gateway.UsageAsync()).Sum(static row => row.Requests), Is.EqualTo(4));
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task<Gateway> StartAsync(string members, Microsoft.AspNetCore.Http.RequestDelegate? serve = null, bool maps = true)
    {
        var backend = await Backend.StartAsync(serve);
        var authentication = $$""" "Server": { "Authentication": { "ApiKeys": { "Secrets": [ "{{Secret}}" ], "Consumers": { "acme": { "Scopes": [ "read" ], "Keys": [ { "Id": "1", "Hash": "{{HashOf(Acme)}}" } ] }, "zeta": { "Keys": [ { "Id": "1", "Hash": "{{HashOf(Zeta)}}" } ] } } } } }, """;
        var edge = await Edge.StartWithUsageAsync(Routes, members, authentication, maps, ("a", backend.Address));
        return new Gateway(edge, backend, authentication);
    }

    private static string HashOf(string key) => ApiKeyHash.Of(key, Convert.FromBase64String(Secret)).ToString();

    private static async Task<(int Status, string? Type)> ProblemOf(HttpResponseMessage response)
    {
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, problem.RootElement.GetProperty("type").GetString());
    }

    private sealed record Row(DateOnly Day, string Consumer, string Route, int Status, string Class, long Requests, long Cost);

    private sealed record Report(Row[] Usage);

    private sealed class Gateway(Edge edge, Backend backend, string authentication) : IAsyncDisposable
    {
        public Edge Edge => edge;

        public Backend Backend => backend;

        public async Task<HttpResponseMessage> GetAsync(string path, string? key = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (key is not null)
            {
                request.Headers.Add("X-Api-Key", key);
            }

            return await edge.Client.SendAsync(request);
        }

        public async Task<Row[]> UsageAsync(string query = "") =>
            (await edge.Client.GetFromJsonAsync<Report>(new Uri($"/mesh/usage{query}", UriKind.Relative)))!.Usage;

        public void Reload(string members) => edge.Reload(Routes, members, authentication);

        public async ValueTask DisposeAsync()
        {
            await edge.DisposeAsync();
            await backend.DisposeAsync();
        }
    }
}
