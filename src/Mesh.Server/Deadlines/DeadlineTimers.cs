using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Server.Deadlines;

/// <summary>Timers with the token they cancel, which serve one request after another, as Kestrel's own tokens do.</summary>
internal sealed class DeadlineTimers : IPooledObjectPolicy<DeadlineTimer>
{
    // What a burst has needed may stay: a few hundred bytes each.
    private const int MaxIdle = 1024;

    private readonly DefaultObjectPool<DeadlineTimer> _idle;

    public DeadlineTimers(TimeProvider time, ILogger<DeadlineTimers> logger)
    {
        Time = time;
        Logger = logger;
        _idle = new DefaultObjectPool<DeadlineTimer>(this, MaxIdle);
    }

    public TimeProvider Time { get; }

    /// <summary>Hears at Debug of a deadline that passed.</summary>
    public ILogger Logger { get; }

    public DeadlineTimer Take() => _idle.Get();

    public void GiveBack(DeadlineTimer timer) => _idle.Return(timer);

    DeadlineTimer IPooledObjectPolicy<DeadlineTimer>.Create() => new(this);

    bool IPooledObjectPolicy<DeadlineTimer>.Return(DeadlineTimer obj) => true;
}
