using System.Diagnostics;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Redis.Tests.RateLimits;

/// <summary>Two processes of one service and one Redis: while it answers, while it does not, and when it is back.</summary>
internal sealed class SharedLimitTests
{
    private RedisServer _server = null!;

    [SetUp]
    public async Task StartAsync() => _server = await RedisServer.StartAsync();

    [TearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public async Task TwoNodes_Exact_TogetherHaveTheLimit()
    {
        await using var one = await NodeAsync(_server.Port);
        await using var two = await NodeAsync(_server.Port);
        var allowed = 0;
        for (var i = 0; i < 10; i++)
        {
            allowed += await one.CountAllowedAsync(1) + await two.CountAllowedAsync(1);
        }

        Assert.That(allowed, Is.EqualTo(10));
        using var refused = await two.GetAsync();
        Assert.That(string.Join(",", refused.Headers.GetValues("RateLimit-Policy")), Is.EqualTo("\"all\";q=10;w=3600"));
        Assert.That(string.Join(",", refused.Headers.GetValues("RateLimit")), Does.Match("^\"all\";r=0;t=3[56][0-9]$"));
        Assert.That(refused.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.FromSeconds(300)).And.LessThanOrEqualTo(TimeSpan.FromSeconds(360)));
    }

    [Test]
    public async Task TwoNodes_Leased_AskTheStoreSeldomAndStayWithinTheLimit()
    {
        (string, string)[] leased = [("Limit", "400"), ("Shared:Mode", "Leased"), ("Shared:Overshoot", "40"), ("Shared:LeaseTime", "00:01:00")];
        await using var one = await NodeAsync(_server.Port, leased);
        await using var two = await NodeAsync(_server.Port, leased);
        var before = await CommandsAsync();
        var allowed = await one.CountAllowedAsync(20) + await two.CountAllowedAsync(20);
        var asked = await CommandsAsync() - before;
        var counts = await Task.WhenAll(one.CountAllowedAsync(400), two.CountAllowedAsync(400));

        Assert.That(allowed, Is.EqualTo(40));
        Assert.That(asked, Is.LessThanOrEqualTo(12), "a slice of ten each time");
        Assert.That(allowed + counts.Sum(), Is.InRange(360, 400), "what is taken ahead and not used is lost, and no more than that");
    }

    [Test]
    public async Task Partition_ClosedAndLeased_NothingPassesThatWasNotTakenBefore()
    {
        (string, string)[] leased = [("Limit", "100"), ("Shared:Mode", "Leased"), ("Shared:Overshoot", "20"), ("Shared:LeaseTime", "00:01:00"), ("Shared:WhenUnavailable", "Closed")];
        await using var path = new NetworkPath(_server.Port);
        await using var one = await NodeAsync(path.Port, leased);
        await using var two = await NodeAsync(_server.Port, leased);
        var before = await one.CountAllowedAsync(10) + await two.CountAllowedAsync(10);
        path.Cut();
        var cut = await one.CountAllowedAsync(200);
        var rest = await two.CountAllowedAsync(200);

        Assert.That(before, Is.EqualTo(20));
        Assert.That(cut, Is.LessThanOrEqualTo(20), "the tokens that were taken ahead");
        Assert.That(before + cut + rest, Is.LessThanOrEqualTo(100));
        Assert.That(await one.CallAsync(), Is.EqualTo(503));
    }

    [Test]
    public async Task Partition_Local_EachSideHasTheLimitOnce()
    {
        await using var path = new NetworkPath(_server.Port);
        await using var one = await NodeAsync(path.Port);
        await using var two = await NodeAsync(_server.Port);
        Assert.That(await one.CountAllowedAsync(3), Is.EqualTo(3));
        path.Cut();

        Assert.That(await one.CountAllowedAsync(30), Is.EqualTo(10));
        Assert.That(await two.CountAllowedAsync(30), Is.EqualTo(7));
    }

    [Test]
    public async Task StoreIsBack_WhatPassedMeanwhileStillCounts()
    {
        await using var path = new NetworkPath(_server.Port);
        await using var one = await NodeAsync(path.Port);
        path.Cut();
        Assert.That(await one.CountAllowedAsync(12), Is.EqualTo(10));
        path.Heal();
        await WaitForAsync(one, "answers again");

        Assert.That(await one.CountAllowedAsync(30), Is.Zero, "the store knows of none of them, this process does");
    }

    [Test]
    public async Task StoreIsBack_AfterOpen_TheLimitHoldsAgain()
    {
        await using var path = new NetworkPath(_server.Port);
        await using var one = await NodeAsync(path.Port, ("Shared:WhenUnavailable", "Open"));
        path.Cut();
        Assert.That(await one.CountAllowedAsync(30), Is.EqualTo(30));
        path.Heal();
        await WaitForAsync(one, "answers again");

        Assert.That(await one.CountAllowedAsync(30), Is.LessThanOrEqualTo(10));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task StoreGoesUnderLoad_NobodyWaitsForIt(bool isKilled)
    {
        await using var node = await NodeAsync(_server.Port, ("Limit", "1000000"), ("Shared:Timeout", "00:00:00.200"));
        using var stop = new CancellationTokenSource();
        var load = node.LoadAsync(8, stop.Token);
        await Task.Delay(500);
        var gone = Stopwatch.StartNew();
        if (isKilled)
        {
            _server.Kill();
        }
        else
        {
            _server.Freeze();
        }

        await Task.Delay(3000);
        var seconds = gone.Elapsed.TotalSeconds;
        if (isKilled)
        {
            await _server.RunAsync();
        }
        else
        {
            _server.Thaw();
        }

        await WaitForAsync(node, "answers again");
        await stop.CancelAsync();
        var (times, statuses) = await load;

        Assert.That(statuses, Is.All.EqualTo(200));
        Assert.That(times.Max(), Is.LessThan(TimeSpan.FromSeconds(2)), "the time-out, and a machine that has much to do");
        Assert.That(times.Count(static time => time > TimeSpan.FromMilliseconds(150)), Is.LessThanOrEqualTo(8 + (2 * seconds) + 8), "those on their way, and one in a second");
        Assert.That(node.Log.At(LogLevel.Warning).Count(static message => message.Contains("shared rate limits", StringComparison.Ordinal)), Is.LessThanOrEqualTo(3), "one line for each outage");
    }

    [Test]
    public async Task StoreIsNotThereAtStart_TheProcessStartsAndItsOwnLimitHolds()
    {
        _server.Kill();
        await using var node = await NodeAsync(_server.Port);
        Assert.That(await node.CountAllowedAsync(15), Is.EqualTo(10));

        await _server.RunAsync();
        await WaitForAsync(node, "answers again");
        Assert.That(await node.CountAllowedAsync(5), Is.Zero);
    }

    [Test]
    public async Task Reload_ALimitIsSharedWhileItRuns()
    {
        await using var one = await NodeAsync(_server.Port);
        await using var two = await NodeAsync(_server.Port);
        Assert.That(await one.CountAllowedAsync(4), Is.EqualTo(4));
        foreach (var node in new[] { one, two })
        {
            node.Reconfigure("Mesh:Server:RateLimits:0:Limit", "6");
        }

        Assert.That(await two.CountAllowedAsync(10), Is.LessThanOrEqualTo(4), "what has passed before counts");
    }

    private static async Task<LimitedNode> NodeAsync(int port, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string> limit = new()
        {
            ["Name"] = "all",
            ["Limit"] = "10",
            ["Window"] = "01:00:00",
            ["Shared:Timeout"] = "00:00:01",
        };
        foreach (var (key, value) in settings)
        {
            limit[key] = value;
        }

        return await LimitedNode.StartAsync(RedisServer.ConnectionTo(port), [.. limit.Select(static pair => (pair.Key, pair.Value))]);
    }

    private static async Task WaitForAsync(LimitedNode node, string line)
    {
        for (var attempt = 0; !node.Log.At(LogLevel.Information).Any(message => message.Contains(line, StringComparison.Ordinal)); attempt++)
        {
            Assert.That(attempt, Is.LessThan(150), $"no line '{line}'");
            await node.CallAsync();
            await Task.Delay(100);
        }
    }

    private async Task<long> CommandsAsync()
    {
        await using var connection = new RedisConnection(ConfigurationOptions.Parse(_server.Connection + ",allowAdmin=true"));
        var database = await connection.DatabaseAsync();
        var statistics = (string)(await database.ExecuteAsync("INFO", "commandstats"))!;
        return statistics.Split('\n')
            .Where(static line => line.StartsWith("cmdstat_eval", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture));
    }
}
