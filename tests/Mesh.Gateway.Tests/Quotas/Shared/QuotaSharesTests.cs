using Mesh.Gateway.Quotas;
using Mesh.Limits;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Gateway.Tests.Quotas.Shared;

/// <summary>Several gateways and one Redis: while it answers, while it does not, and when it is back.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class QuotaSharesTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 30, 12, 0, 0, TimeSpan.Zero));
    private RedisServer _server = null!;

    [SetUp]
    public async Task StartAsync() => _server = await RedisServer.StartAsync();

    [TearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public async Task TakeAsync_TwoGateways_TogetherHaveTheQuotaToTheLastUnit()
    {
        await using var one = NodeAt(_server.Port);
        await using var two = NodeAt(_server.Port);
        var quota = Of(200);
        var allowed = await one.CountAsync(quota, 70) + await two.CountAsync(quota, 300);
        Assert.That(allowed, Is.InRange(198, 200), "what one holds and does not use is the other's only later");

        await one.RestAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        allowed += await two.CountAsync(quota, 10);
        Assert.That(allowed, Is.EqualTo(200));
        Assert.That(await one.TakeAsync(quota), Is.EqualTo(QuotaAnswer.Refused));
    }

    [Test]
    public async Task TakeAsync_FarFromTheLimit_AsksTheStoreForASlice()
    {
        await using var node = NodeAt(_server.Port);
        Assert.That(await node.CountAsync(Of(100_000), 5000), Is.EqualTo(5000));
        Assert.That(node.Asked, Is.LessThanOrEqualTo(5), "a hundredth of the limit each time");
    }

    [Test]
    public async Task TakeAsync_64CallersAtTheLastUnits_NeverMoreThanTheQuota([Values(1, 3)] int cost)
    {
        await using var one = NodeAt(_server.Port);
        await using var two = NodeAt(_server.Port);
        await using var three = NodeAt(_server.Port);
        SharingNode[] nodes = [one, two, three];
        var quota = Of(300);
        var allowed = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => nodes[i % 3].CountAsync(quota, 20, cost))));
        Assert.That(allowed.Sum() * cost, Is.LessThanOrEqualTo(300).And.GreaterThan(300 - 12));
    }

    [Test]
    public async Task SettleAsync_AtTheEnd_ARestartGoesOnWhereItWas()
    {
        var quota = Of(1000);
        await using (var first = NodeAt(_server.Port))
        {
            Assert.That(await first.CountAsync(quota, 305), Is.EqualTo(305));
            await first.Shares.SettleAsync(all: true);
        }

        await using var next = NodeAt(_server.Port);
        Assert.That(await next.CountAsync(quota, 1000), Is.EqualTo(695));
    }

    [Test]
    public async Task TakeAsync_AfterACrash_OneSliceIsLostAtMost()
    {
        var quota = Of(1000);
        await using (var first = NodeAt(_server.Port))
        {
            Assert.That(await first.CountAsync(quota, 305), Is.EqualTo(305));
        }

        await using var next = NodeAt(_server.Port);
        Assert.That(await next.CountAsync(quota, 1000), Is.InRange(695 - 10, 695));
    }

    [Test]
    public async Task TakeAsync_StoreIsAway_GoesOnByWhatIsKnownAndCatchesUp()
    {
        await using var path = new NetworkPath(_server.Port);
        await using var one = NodeAt(path.Port);
        await using var two = NodeAt(_server.Port);
        var quota = Of(100);
        Assert.That(await two.CountAsync(quota, 40), Is.EqualTo(40));
        Assert.That(await one.CountAsync(quota, 10), Is.EqualTo(10));
        path.Cut();
        var cut = await one.CountAsync(quota, 100);
        Assert.That(cut, Is.InRange(49, 50), "what the others had used when it was last heard of, and the slice they held, still counts");
        Assert.That(one.Shares.Store, Is.EqualTo("away"));
        path.Heal();
        await one.ReconnectAsync(_time);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(await two.CountAsync(quota, 30), Is.LessThanOrEqualTo(1), "it is told what was used meanwhile; what it held it may use");
    }

    [Test]
    public async Task TakeAsync_StoreIsAwayFromTheStart_TheOwnJournalCounts()
    {
        _server.Kill();
        var quota = Of(100);
        await using var first = NodeAt(_server.Port);
        Assert.That(await first.CountAsync(quota, 60), Is.EqualTo(60));
        await using var next = new SharingNode(_server.Port, _time, first.Ledger);
        Assert.That(await next.CountAsync(quota, 100), Is.EqualTo(40));
    }

    [TestCase(RateLimitFallback.Closed, QuotaAnswer.Unavailable)]
    [TestCase(RateLimitFallback.Open, QuotaAnswer.Allowed)]
    public async Task TakeAsync_StoreIsAway_WhatIsConfiguredHolds(RateLimitFallback configured, QuotaAnswer expected)
    {
        await using var path = new NetworkPath(_server.Port);
        await using var node = NodeAt(path.Port);
        var quota = Of(20, configured, slice: 0);
        Assert.That(await node.CountAsync(quota, 20), Is.EqualTo(20));
        path.Cut();
        _time.Advance(TimeSpan.FromSeconds(2));

        // The quota is used up, and says so until the loss of the connection has been noticed.
        Assert.That(async () => await node.TakeAsync(quota), Is.EqualTo(expected).After(5000, 50));
    }

    [Test]
    public async Task TakeAsync_StoreHasLostItsMemory_IsToldByEachWhatItHasUsed()
    {
        await using var one = NodeAt(_server.Port);
        await using var two = NodeAt(_server.Port);
        var quota = Of(1000);
        Assert.That(await one.CountAsync(quota, 300) + await two.CountAsync(quota, 300), Is.EqualTo(600));
        _server.Kill();
        Assert.That(await one.CountAsync(quota, 20) + await two.CountAsync(quota, 20), Is.EqualTo(40));
        await _server.RunAsync();
        await one.ReconnectAsync(_time);
        await two.ReconnectAsync(_time);
        _time.Advance(TimeSpan.FromSeconds(2));

        var allowed = 0;
        for (var i = 0; i < 400; i++)
        {
            allowed += await one.CountAsync(quota, 1) + await two.CountAsync(quota, 1);
        }

        Assert.That(allowed, Is.InRange(340, 360));
    }

    [Test]
    public async Task TakeAsync_NextMonth_BeginsAnew()
    {
        await using var node = NodeAt(_server.Port);
        var quota = Of(10);
        Assert.That(await node.CountAsync(quota, 20), Is.EqualTo(10));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.That(await node.CountAsync(quota, 20), Is.EqualTo(10));
    }

    [Test]
    public async Task TakeAsync_Rolling_NeverMoreThanTheQuotaInADay()
    {
        await using var one = NodeAt(_server.Port);
        await using var two = NodeAt(_server.Port);
        var quota = new Quota(new QuotaOptions { Name = "day", Limit = 24, Period = QuotaPeriod.Day, Window = QuotaWindow.Rolling, Shared = new SharedQuotaOptions() });
        List<(DateTimeOffset At, int Count)> passed = [];
        for (var hour = 0; hour < 60; hour++)
        {
            passed.Add((_time.GetUtcNow(), await one.CountAsync(quota, 2) + await two.CountAsync(quota, 2)));
            _time.Advance(TimeSpan.FromHours(1));
        }

        for (var i = 0; i < passed.Count; i++)
        {
            Assert.That(passed.Skip(i).TakeWhile(one => one.At - passed[i].At <= TimeSpan.FromDays(1)).Sum(static one => one.Count), Is.LessThanOrEqualTo(24));
        }

        Assert.That(passed.Sum(static one => one.Count), Is.GreaterThanOrEqualTo(46), "and what is past comes back");
    }

    [Test]
    public async Task Describe_RefusedByWhatOthersUsed_SaysWhenThereIsRoom()
    {
        await using var one = NodeAt(_server.Port);
        await using var two = NodeAt(_server.Port);
        var quota = Of(10);
        await one.CountAsync(quota, 10);
        var (answer, share) = await two.Shares.TakeAsync(quota, "acme", 1);
        var result = two.Shares.Describe(quota, share, 1, allowed: false);
        Assert.That(answer, Is.EqualTo(QuotaAnswer.Refused));
        Assert.That(result.Remaining, Is.Zero);
        Assert.That(_time.GetUtcNow() + result.RetryAfter, Is.EqualTo(new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    private static Quota Of(long limit, RateLimitFallback whenUnavailable = RateLimitFallback.Local, long? slice = null) => new(new QuotaOptions
    {
        Name = "month",
        Limit = limit,
        Shared = new SharedQuotaOptions { WhenUnavailable = whenUnavailable, Slice = slice, Timeout = TimeSpan.FromSeconds(5) },
    });

    private SharingNode NodeAt(int port) => new(port, _time);
}
