namespace Mesh.Faults;

/// <summary>Lets the bytes of one body pass at a certain rate. Not thread-safe: a body has one reader and one writer.</summary>
public sealed class BodyPace
{
    // A part each tenth of a second looks like a line and not like a series of pauses.
    private const int PartsPerSecond = 10;

    private readonly double _ticksPerByte;
    private readonly TimeProvider _time;
    private long _next;

    /// <summary>Creates it.</summary>
    /// <param name="bytesPerSecond">The rate, above 0.</param>
    /// <param name="time">The clock.</param>
    public BodyPace(int bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _ticksPerByte = (double)time.TimestampFrequency / bytesPerSecond;
        _next = time.GetTimestamp();
        MaxPart = Math.Max(1, bytesPerSecond / PartsPerSecond);
    }

    /// <summary>How many bytes may pass at once.</summary>
    public int MaxPart { get; }

    /// <summary>Waits until the next bytes may pass.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        return _next > now ? Task.Delay(_time.GetElapsedTime(now, _next), _time, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Counts bytes that have passed. A pause earns nothing: what was not sent cannot be sent faster later.</summary>
    public void Count(int bytes) => _next = Math.Max(_next, _time.GetTimestamp()) + (long)(bytes * _ticksPerByte);
}
