using Microsoft.Extensions.Time.Testing;

namespace Mesh.Core.Tests.Limits;

/// <summary>Counts how often timers fire.</summary>
internal sealed class TimerCountingTimeProvider : FakeTimeProvider
{
    public int Fired { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(
            inner =>
            {
                Fired++;
                callback(inner);
            },
            state,
            dueTime,
            period);
}
