using Mesh.Gateway.Usage;

namespace Mesh.Gateway.Quotas;

/// <summary>What one consumer has used of one quota: lock-free, and exact while the window changes.</summary>
/// <remarks>
/// A window that is over is closed, which makes its count final, and only then carried over: no charge falls between two
/// windows. Whoever comes first does both; nobody waits for another.
/// </remarks>
internal sealed class QuotaAccount(QuotaKey key) : JournalEntry
{
    private static readonly QuotaFrame Retired = new(long.MaxValue, -1, []);

    private QuotaFrame? _frame;

    public QuotaKey Key { get; } = key;

    /// <summary>The present frame; <see langword="null"/> when nothing was ever charged, or it was retired.</summary>
    public QuotaFrame? Frame => Volatile.Read(ref _frame) is { } frame && frame != Retired ? frame : null;

    /// <summary>Puts in what a journal says.</summary>
    public void Restore(QuotaFrame frame) => Volatile.Write(ref _frame, frame);

    /// <summary>The frame of a window, as it can be charged.</summary>
    /// <returns><see langword="null"/> when the account is retired and another one has to be found.</returns>
    public QuotaFrame? FrameOf(long window, int older)
    {
        while (true)
        {
            var frame = Volatile.Read(ref _frame);
            if (frame == Retired)
            {
                return null;
            }

            if (frame is not null && !frame.IsClosed && !HasPassed(frame, window, older))
            {
                return frame;
            }

            frame?.Close();
            var next = frame is null ? new QuotaFrame(window, 0, new long[older]) : frame.Next(window, older);
            if (Interlocked.CompareExchange(ref _frame, next, frame) == frame)
            {
                return next;
            }
        }
    }

    /// <summary>Ends an account nobody has charged for long.</summary>
    /// <returns>Whether its windows are past.</returns>
    public bool TryRetire(DateTimeOffset now)
    {
        if (Volatile.Read(ref _frame) is not { } frame || frame == Retired || !Key.IsPast(frame.Window, now))
        {
            return false;
        }

        frame.Close();
        return Interlocked.CompareExchange(ref _frame, Retired, frame) == frame;
    }

    public override void Write(JournalWriter writer)
    {
        if (Frame is { } frame)
        {
            writer.WriteQuota(Key, frame);
        }
    }

    // A clock that is put back a little goes on in the window that had begun; one that had been far ahead does not keep its owner waiting.
    private static bool HasPassed(QuotaFrame frame, long window, int older) =>
        frame.Older.Length != older || (frame.Window != window && frame.Window != window + 1);
}
