using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Identity.Federation;

/// <summary>A clock that is moved by hand and knows what is waited for.</summary>
internal sealed class RecordingTime(DateTimeOffset start) : TimeProvider
{
    private readonly FakeTimeProvider _clock = new(start);

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, dueTime, period);

        // Periods are polls, and 15 seconds the patience with one request: neither is a pause between requests.
        if (period == Timeout.InfiniteTimeSpan && dueTime != TimeSpan.FromSeconds(15))
        {
            Waits.Enqueue(dueTime);
        }

        return timer;
    }

    public void Advance(TimeSpan time) => _clock.Advance(time);
}
