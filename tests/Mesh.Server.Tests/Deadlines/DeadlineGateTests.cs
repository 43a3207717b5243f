using Mesh.Server.Deadlines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Server.Tests.Deadlines;

internal sealed class DeadlineGateTests
{
    [Test]
    public async Task RunAsync_DeadlinePassesWhenTheApplicationIsDone_TheAnswerStays()
    {
        var http = new DefaultHttpContext();
        var lifetime = new Lifetime();
        http.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        http.Response.Body = new MemoryStream();

        await DeadlineGate.RunAsync(http, InboundDeadline.None.Within(TimeSpan.FromSeconds(1)), static http => http.Response.WriteAsync("done"), new DeadlineTimers(new LastMomentTime(), NullLogger<DeadlineTimers>.Instance));

        Assert.That((lifetime.Aborted, http.Response.StatusCode, http.Response.Body.Length), Is.EqualTo((false, 200, 4L)));
    }

    [Test]
    public async Task RunAsync_Always_PutsTheFeaturesBack()
    {
        var http = new DefaultHttpContext();
        var (response, body, token) = (http.Features.Get<IHttpResponseFeature>(), http.Features.Get<IHttpResponseBodyFeature>(), http.RequestAborted);

        await DeadlineGate.RunAsync(http, InboundDeadline.None.Within(TimeSpan.FromSeconds(1)), static _ => Task.CompletedTask, new DeadlineTimers(TimeProvider.System, NullLogger<DeadlineTimers>.Instance));

        Assert.That(http.Features.Get<IHttpResponseFeature>(), Is.SameAs(response));
        Assert.That(http.Features.Get<IHttpResponseBodyFeature>(), Is.SameAs(body));
        Assert.That(http.RequestAborted, Is.EqualTo(token));
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool Aborted { get; private set; }

        public void Abort() => Aborted = true;
    }

    /// <summary>Its timers fire in the moment they are stopped, and the time they were set to has passed then.</summary>
    private sealed class LastMomentTime : TimeProvider
    {
        private long _late;

        public override long GetTimestamp() => base.GetTimestamp() + _late;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new LastMomentTimer(this, callback, state);

        private sealed class LastMomentTimer(LastMomentTime time, TimerCallback callback, object? state) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    time._late = 10 * time.TimestampFrequency;
                    callback(state);
                }

                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
