using System.Collections.Concurrent;
using System.Diagnostics;
using CsCheck;
using Mesh.Limits;
using Mesh.Redis.RateLimits;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Mesh.Redis.Tests.RateLimits;

/// <summary>The script against a real server: the same answers as the limits of one process, and never more than the limit.</summary>
internal sealed class RedisRateLimitStoreTests
{
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisRateLimitStore _store = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = new RedisConnection(ConfigurationOptions.Parse(_server.Connection + ",allowAdmin=true"));
        _store = new RedisRateLimitStore(_connection, "mesh:");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _connection.DisposeAsync();
        _server.Dispose();
    }

    [SetUp]
    public async Task ForgetAsync() => await (await _connection.DatabaseAsync()).ExecuteAsync("FLUSHALL");

    [TestCase(RateLimitAlgorithm.Gcra)]
    [TestCase(RateLimitAlgorithm.SlidingWindow)]
    public async Task ChargeAsync_AnyCosts_AnswersAsTheLimitOfOneProcess(RateLimitAlgorithm algorithm)
    {
        // Windows so long that the time the test takes does not count.
        var run = 0;
        var ones =
            from limit in Gen.Int[1, 50]
            from burst in Gen.Int[1, 80]
            from costs in Gen.Int[1, 20].Array[1, 30]
            select (limit, burst, costs);
        await ones.SampleAsync(
            async one =>
            {
                var options = Limit($"parity-{Interlocked.Increment(ref run)}", one.limit, algorithm);
                options.Burst = algorithm == RateLimitAlgorithm.Gcra ? one.burst : null;
                using var table = new RateLimiterTable(options, new FakeTimeProvider());
                foreach (var cost in one.costs)
                {
                    var expected = table.TryAcquire("key", cost);
                    var actual = (await ChargeAsync(options, cost)).Result;
                    if (actual.Allowed != expected.Allowed
                        || (actual.Allowed && actual.Remaining != expected.Remaining)
                        || (algorithm == RateLimitAlgorithm.Gcra && !IsNear(actual.RetryAfter, expected.RetryAfter)))
                    {
                        return false;
                    }
                }

                return true;
            },
            iter: 200,
            threads: 1);
    }

    [Test]
    public async Task ChargeAsync_OneOfTwoIsUsedUp_ChargesNeither()
    {
        var wide = Limit("wide", 10);
        var narrow = Limit("narrow", 1);
        SharedRateLimitCharge[] both = [new(wide, "a", 1, 0), new(narrow, "a", 1, 0)];
        await _store.ChargeAsync(both, default);

        var refused = await _store.ChargeAsync(both, default);

        Assert.That(refused[0].Result, Has.Property("Allowed").True.And.Property("Remaining").EqualTo(8));
        Assert.That(refused[1].Result, Has.Property("Allowed").False.And.Property("Remaining").Zero);
        Assert.That((await ChargeAsync(wide, 1, "a")).Result.Remaining, Is.EqualTo(8), "the refused request has not charged it");
    }

    [TestCase(RateLimitAlgorithm.Gcra)]
    [TestCase(RateLimitAlgorithm.SlidingWindow)]
    public async Task RefundAsync_AfterACharge_LeavesWhatWasThere(RateLimitAlgorithm algorithm)
    {
        var limit = Limit("refunded", 10, algorithm);
        await ChargeAsync(limit, 3);
        SharedRateLimitCharge[] charges = [new(limit, "key", 5, 0)];
        var results = await _store.ChargeAsync(charges, default);

        await _store.RefundAsync(charges, results);

        Assert.That((await ChargeAsync(limit, 1)).Result.Remaining, Is.EqualTo(6));
    }

    [TestCase(RateLimitAlgorithm.Gcra)]
    [TestCase(RateLimitAlgorithm.SlidingWindow)]
    public async Task ChargeAsync_Ahead_NeverMoreThanTheOvershootAndTheLimit(RateLimitAlgorithm algorithm)
    {
        var limit = Limit("ahead", 100, algorithm);
        limit.Shared!.Mode = SharedRateLimitMode.Leased;
        limit.Shared.Overshoot = 10;
        limit.Shared.LeaseTime = TimeSpan.FromMinutes(1);
        var ahead = 0;
        var allowed = 0;
        for (var i = 0; i < 120; i++)
        {
            var result = (await _store.ChargeAsync([new(limit, "key", 1, 4)], default))[0];
            ahead += result.Ahead;
            allowed += result.Result.Allowed ? 1 : 0;
        }

        Assert.That(ahead, Is.EqualTo(10), "the allowance of one lease time");
        Assert.That(allowed, Is.EqualTo(90), "what was taken ahead counts");
    }

    [Test]
    public async Task ChargeAsync_StoreWasEmptied_BeginsAgain()
    {
        var limit = Limit("emptied", 2);
        await ChargeAsync(limit, 2);
        var database = await _connection.DatabaseAsync();
        await database.ExecuteAsync("FLUSHALL");
        await database.ExecuteAsync("SCRIPT", "FLUSH");

        Assert.That((await ChargeAsync(limit, 2)).Result.Allowed, Is.True);
        Assert.That((await ChargeAsync(limit, 1)).Result.Allowed, Is.False);
    }

    [Test]
    public async Task ChargeAsync_Key_IsHashedAndExpires()
    {
        await ChargeAsync(Limit("private", 5), 1, "alice@example.com");
        var database = await _connection.DatabaseAsync();
        var keys = (RedisKey[])(await database.ExecuteAsync("KEYS", "*"))!;

        Assert.That(keys, Has.Length.EqualTo(1));
        Assert.That(keys[0].ToString(), Does.Match("^mesh:limit:private:[0-9a-f]{32}$"));
        Assert.That(await database.KeyTimeToLiveAsync(keys[0]), Is.GreaterThan(TimeSpan.FromHours(1)).And.LessThan(TimeSpan.FromHours(3)));
    }

    [TestCase(RateLimitAlgorithm.SlidingWindow)]
    [TestCase(RateLimitAlgorithm.Gcra)]
    public async Task ChargeAsync_HammeredBySeveral_NoWindowHasMoreThanTheLimit(RateLimitAlgorithm algorithm)
    {
        var window = TimeSpan.FromMilliseconds(200);
        const int Allowed = 20;
        var limit = Limit("hammered", Allowed, algorithm);
        limit.Window = window;
        ConcurrentBag<(long From, long To)> passed = [];
        var end = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() is var from && from < end)
            {
                if ((await ChargeAsync(limit, 1)).Result.Allowed)
                {
                    passed.Add((from, Stopwatch.GetTimestamp()));
                }
            }
        })));

        // A bucket lets its burst pass at once, and refills meanwhile: twice the limit in the first window, and no more.
        var most = algorithm == RateLimitAlgorithm.SlidingWindow ? Allowed : 2 * Allowed;
        var ordered = passed.OrderBy(static one => one.From).ToArray();
        Assert.That(ordered, Has.Length.GreaterThan(2 * Allowed), "the limit comes back");
        foreach (var first in ordered)
        {
            var within = ordered.Count(one => one.From >= first.From && Stopwatch.GetElapsedTime(first.From, one.To) < window);
            Assert.That(within, Is.LessThanOrEqualTo(most));
        }
    }

    private static bool IsNear(TimeSpan actual, TimeSpan expected) => (expected - actual).Duration() < TimeSpan.FromSeconds(20);

    private static RateLimitOptions Limit(string name, int limit, RateLimitAlgorithm algorithm = RateLimitAlgorithm.Gcra) =>
        new() { Name = name, Limit = limit, Window = TimeSpan.FromHours(1), Algorithm = algorithm, Shared = new SharedRateLimitOptions() };

    private async Task<SharedRateLimitResult> ChargeAsync(RateLimitOptions limit, int cost, string key = "key") =>
        (await _store.ChargeAsync([new(limit, key, cost, 0)], default))[0];
}
