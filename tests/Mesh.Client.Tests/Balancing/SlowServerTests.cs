using Mesh.Client.Balancing;
using Mesh.Client.Endpoints;
using Mesh.Client.Tests.Fixtures;
using Mesh.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

/// <summary>The slow-server test of the benchmark <c>balance</c> under a virtual clock: the same figures on every machine.</summary>
public sealed class SlowServerTests
{
    private const int CallsPerSecond = 500;
    private static readonly TimeSpan Third = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    [TestCase(LoadBalancingPolicies.PeakEwma, 0.999)]
    [TestCase(LoadBalancingPolicies.LeastRequest, 0.99)]
    public void Pick_OneOfTenIsSlowForAWhile_TheRestCarriesTheCalls(string policy, double least)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            Assert.That(SuccessOf(policy, seed, static () => CallOutcome.Failure), Is.GreaterThanOrEqualTo(least), $"seed {seed}");
        }
    }

    // The caller gave up first: balancing hears of a cancellation, not of a time-out.
    [Test]
    public void Pick_CallersGiveUpOnTheSlowOne_PeakEwmaLearnsFromThatToo() =>
        Assert.That(SuccessOf(LoadBalancingPolicies.PeakEwma, seed: 1, static () => CallOutcome.CancelledByCaller), Is.GreaterThanOrEqualTo(0.999));

    [Test]
    public void Pick_RoundRobin_ShowsThatTheTestCanFail() =>
        Assert.That(SuccessOf(LoadBalancingPolicies.RoundRobin, seed: 1, static () => CallOutcome.Failure), Is.LessThan(0.97));

    private static double SuccessOf(string policy, int seed, Func<CallOutcome> timedOut)
    {
        var time = new FakeTimeProvider();
        var random = new Random(seed);
        var endpoints = Replicas.Create(10, time);
        var set = new EndpointSet(endpoints, "https", Replicas.LedgerOf(time, endpoints), Replicas.Balancing(policy, random));
        var start = time.GetTimestamp();
        var answers = new PriorityQueue<(Endpoint Endpoint, TimeSpan Elapsed), TimeSpan>();
        var calls = (int)(3 * Third.TotalSeconds * CallsPerSecond);
        var failed = 0;
        for (var call = 0; call < calls; call++)
        {
            var now = TimeSpan.FromSeconds((double)call / CallsPerSecond);
            End(now);
            var endpoint = set.Pick(random, [], start + now.Ticks, 0).Endpoint!;
            var isSlow = endpoint == endpoints[0] && now >= Third && now < 2 * Third;
            var elapsed = isSlow ? Timeout : TimeSpan.FromMilliseconds(5 + (10 * random.NextDouble()));
            failed += isSlow ? 1 : 0;
            endpoint.Begin();
            answers.Enqueue((endpoint, elapsed), now + elapsed);
        }

        return 1 - ((double)failed / calls);

        void End(TimeSpan until)
        {
            while (answers.TryPeek(out var answer, out var at) && at <= until)
            {
                answers.Dequeue();
                answer.Endpoint.End(answer.Elapsed == Timeout ? timedOut() : CallOutcome.Success, answer.Elapsed, start + at.Ticks);
            }
        }
    }
}
