using System.Net;
using System.Threading.RateLimiting;
using Mesh.Limits;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Server.Tests.RateLimits;

internal sealed class RateLimiterTableExtensionsTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task AsRateLimiter_GivesTheBurstAndThenSaysWhen()
    {
        using var table = Table();
        await using var limiter = table.AsRateLimiter("a", _time);

        using var first = limiter.AttemptAcquire(2);
        using var second = await limiter.AcquireAsync(2);
        using var third = limiter.AttemptAcquire();

        Assert.That((first.IsAcquired, second.IsAcquired, third.IsAcquired), Is.EqualTo((true, false, true)));
        Assert.That(second.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter), Is.True);
        Assert.That(retryAfter, Is.EqualTo(TimeSpan.FromSeconds(1)));
        var statistics = limiter.GetStatistics()!;
        Assert.That((statistics.CurrentAvailablePermits, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases), Is.EqualTo((0, 2, 1)));
        using var none = limiter.AttemptAcquire(0);
        Assert.That(none.IsAcquired, Is.False);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(limiter.IdleDuration, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(() => limiter.AttemptAcquire(4), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void AsPartitionedRateLimiter_KeysAreApart()
    {
        using var table = Table();
        using var limiter = table.AsPartitionedRateLimiter<string>(static key => key);

        Assert.That(new[] { "a", "a", "a", "a", "b" }.Select(key => limiter.AttemptAcquire(key).IsAcquired), Is.EqualTo(new[] { true, true, true, false, true }));
    }

    [Test]
    public async Task AsPartitionedRateLimiter_InTheMiddlewareOfTheFramework_Limits()
    {
        using var table = Table();
        await using var app = await ServedApp.StartAsync(
            static app => app.UseRateLimiter().Run(static http => http.Response.WriteAsync("ok")),
            [],
            builder => builder.Services.AddRateLimiter(options =>
            {
                options.RejectionStatusCode = 429;
                options.GlobalLimiter = table.AsPartitionedRateLimiter<HttpContext>(static http => http.Request.Path.Value!);
            }));
        List<HttpStatusCode> statuses = [];
        for (var i = 0; i < 4; i++)
        {
            using var response = await app.Peer().GetAsync("/a");
            statuses.Add(response.StatusCode);
        }

        Assert.That(statuses.Select(static status => (int)status), Is.EqualTo(new[] { 200, 200, 200, 429 }));
    }

    private RateLimiterTable Table() => new(new RateLimitOptions { Name = "test", Limit = 1, Burst = 3 }, _time);
}
