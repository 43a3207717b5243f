using System.Diagnostics.Metrics;
using System.Net;
using CsCheck;
using Mesh.Client.Calls;
using Mesh.Client.Tests.Fixtures;
using Mesh.Client.Throttling;
using Mesh.Outcomes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Throttling;

public sealed class ThrottleTests
{
    private static readonly ThrottlingPolicy Formula = new(2, TimeSpan.FromMinutes(2), 1);
    private static readonly Uri Uri = new("https://orders/items");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Share_AnyHistory_IsTheFormulaOfTheBook() => Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200], Gen.Double[1.1, 5], Gen.Double[0.1, 1]).Sample((accepted, failed, k, most) =>
    {
        var throttle = new Throttle(new ThrottlingPolicy(k, TimeSpan.FromMinutes(2), most), _time);
        Record(throttle, CallOutcome.Success, accepted);
        Record(throttle, CallOutcome.Overload, failed);
        Record(throttle, CallOutcome.CancelledByCaller, 7);

        var expected = Math.Max(0, (accepted + failed - (k * accepted)) / (accepted + failed + 1));
        Assert.That(throttle.Share(Now), Is.EqualTo(Math.Min(expected, most)).Within(1e-12));
    });

    [Test]
    public void TryEnter_ServiceTakesAThird_LetsTwiceThatThrough()
    {
        // The book: with K = 2, a client sends about twice of what is accepted.
        var throttle = new Throttle(Formula, _time);
        var random = new Random(1);
        var (sent, accepted) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            if (!throttle.TryEnter(Now, random))
            {
                continue;
            }

            sent++;
            var takes = accepted < (i + 1) / 3 && random.Next(2) == 0;
            accepted += takes ? 1 : 0;
            throttle.Record(takes ? CallOutcome.Success : CallOutcome.Overload, Now);
        }

        Assert.That((double)sent / accepted, Is.InRange(1.7, 2.3));
    }

    [Test]
    public void TryEnter_AfterAnOutage_RecoversBecauseSomethingAlwaysGetsThrough()
    {
        var throttle = new Throttle(Formula with { MaxShare = 0.9 }, _time);
        var random = new Random(1);
        Run(TimeSpan.FromMinutes(5), CallOutcome.Failure);
        Assert.That(throttle.Share(Now), Is.EqualTo(0.9));

        Run(TimeSpan.FromMinutes(7), CallOutcome.Success);

        Assert.That(throttle.Share(Now), Is.Zero);

        void Run(TimeSpan length, CallOutcome outcome)
        {
            for (var end = _time.GetUtcNow() + length; _time.GetUtcNow() < end; _time.Advance(TimeSpan.FromMilliseconds(10)))
            {
                if (throttle.TryEnter(Now, random))
                {
                    throttle.Record(outcome, Now);
                }
            }
        }
    }

    [Test]
    public async Task SendAsync_ServiceRefusesEverything_MostIsHeldBack()
    {
        using var stub = StubHandler.Answering(HttpStatusCode.TooManyRequests);
        await using var host = new ClientHost(Given.Orders("""{ "Retry": { "Attempts": 0 }, "Throttling": { "Enabled": true } }"""), stub, _time);
        using var metrics = new MetricRecorder(host.Services.GetRequiredService<IMeterFactory>());
        var refused = 0;
        for (var i = 0; i < 1_000; i++)
        {
            try
            {
                (await host.CreateClient().GetAsync(Uri)).Dispose();
            }
            catch (MeshRejectedException exception) when (exception.Reason == RejectionReason.Throttled)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(800, 950));
        Assert.That(stub.Requests, Has.Count.EqualTo(1_000 - refused));
        Assert.That(metrics.Of("mesh.client.refusals"), Has.Length.EqualTo(refused).And.All.EqualTo("mesh.service=orders mesh.reason=throttled"));
        var view = host.State.GetServices().Single();
        Assert.That((view.Refused, view.Throttled), Is.EqualTo(((long)refused, (double?)0.9)));
        Assert.That(view.Endpoints, Has.All.Property("EjectedFor").Null, "an endpoint is never blamed");

        host.Configuration.Replace(Given.Orders("""{ "Retry": { "Attempts": 0 }, "Throttling": { "Enabled": true, "MaxPercent": 50 } }"""));
        await Eventually.UntilAsync(() => host.State.GetServices().Single().Throttled == 0.5);
    }

    [Test]
    public void TryEnterAndRecord_AllocateNothing()
    {
        var throttle = new Throttle(Formula, _time);
        var random = new Random(1);
        Pass(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Pass(1_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Pass(int times)
        {
            for (var i = 0; i < times; i++)
            {
                if (throttle.TryEnter(i, random))
                {
                    throttle.Record(i % 3 == 0 ? CallOutcome.Success : CallOutcome.Failure, i);
                }
            }
        }
    }

    private long Now => _time.GetTimestamp();

    private void Record(Throttle throttle, CallOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++)
        {
            throttle.Record(outcome, Now);
        }
    }
}
