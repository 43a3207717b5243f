using Mesh.Gateway.Quotas;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Usage;

/// <summary>
/// Keeps quotas and usage over the end of the process: reads the journal before the first request, writes what has changed
/// every <see cref="UsageOptions.FlushInterval"/>, and once more at the end. Requests never wait for it.
/// </summary>
/// <remarks>A disk that fails does not fail requests: they are counted in memory, and all of it is written once the disk works again.</remarks>
internal sealed partial class UsageStore(
    QuotaLedger quotas,
    UsageLedger usage,
    JournalQueue queue,
    UsageOptions options,
    TimeProvider time,
    ILogger<UsageStore> logger) : IJournalTarget, IDisposable
{
    // A write of a snapshot holds no more than this in memory.
    private const int Chunk = 1 << 16;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private JournalFolder? _folder;
    private ITimer? _timer;
    private DateTimeOffset _sweepAt;
    private bool _isBehind;

    /// <summary>Whether what was counted is kept.</summary>
    public bool IsKept => options.Directory is not null;

    /// <summary>Whether the last write failed.</summary>
    public bool IsFailing => Volatile.Read(ref _isBehind);

    /// <summary>How many whole days are kept.</summary>
    public int RetentionDays => options.RetentionDays;

    /// <summary>Reads what was kept and begins to write.</summary>
    /// <exception cref="InvalidOperationException">The folder cannot be used.</exception>
    public void Open()
    {
        if (options.Directory is { } directory)
        {
            Open(directory);
        }

        _timer = time.CreateTimer(static self => ((UsageStore)self!).Flush(), this, options.FlushInterval, options.FlushInterval);
    }

    /// <summary>Writes the rest.</summary>
    public void Close()
    {
        _timer?.Dispose();
        Flush();
    }

    /// <summary>Writes the rest too: an application that is disposed of without being stopped ends no worse.</summary>
    public void Dispose()
    {
        Close();
        lock (_lock)
        {
            _folder?.Dispose();
            _folder = null;
        }
    }

    /// <summary>Writes what has changed.</summary>
    internal void Flush()
    {
        lock (_lock)
        {
            var swept = Sweep();
            if (_folder is null)
            {
                return;
            }

            try
            {
                if (_isBehind || swept || _folder.IsSnapshotDue)
                {
                    Snapshot(_folder);
                }
                else if (!queue.IsEmpty)
                {
                    Append(_folder);
                }

                if (_isBehind)
                {
                    Volatile.Write(ref _isBehind, false);
                    Log.Works(logger);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Once for each time it breaks.
                if (!_isBehind)
                {
                    Volatile.Write(ref _isBehind, true);
                    Log.Fails(logger, exception);
                }
            }
        }
    }

    void IJournalTarget.Restore(QuotaKey key, QuotaFrame frame) => quotas.Restore(key, frame);

    void IJournalTarget.Restore(UsageKey key, long requests, long cost) => usage.Restore(key, requests, cost);

    private void Open(string directory)
    {
        try
        {
            _folder = new JournalFolder(directory, options.FlushToDisk);
            foreach (var path in _folder.Load(this))
            {
                Log.Damaged(logger, path);
            }

            Sweep();
            Snapshot(_folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _folder?.Dispose();
            _folder = null;
            throw new InvalidOperationException(
                $"Mesh:Gateway:Usage:Directory: the folder '{directory}' cannot be used: {exception.Message} Each process needs a folder of its own that it may write to.", exception);
        }
    }

    // Removes what is too old to matter.
    private bool Sweep()
    {
        var now = time.GetUtcNow();
        if (now < _sweepAt && now > _sweepAt - (2 * SweepInterval))
        {
            return false;
        }

        _sweepAt = now + SweepInterval;
        quotas.Sweep(now);
        return usage.Forget(DateOnly.FromDateTime(now.UtcDateTime).DayNumber - options.RetentionDays);
    }

    private void Append(JournalFolder folder)
    {
        var writer = new JournalWriter();
        while (queue.TryTake(out var entry))
        {
            entry.Write(writer);
        }

        folder.Append(writer.Written.Span);
    }

    private void Snapshot(JournalFolder folder)
    {
        // What changes meanwhile waits anew, and is written again by the next journal.
        while (queue.TryTake(out _))
        {
        }

        folder.Snapshot((writer, stream) =>
        {
            foreach (var entry in quotas.Accounts.Concat<JournalEntry>(usage.Counters))
            {
                entry.Write(writer);
                if (writer.Length > Chunk)
                {
                    stream.Write(writer.Written.Span);
                    writer.Clear();
                }
            }
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "'{Path}' is not whole: its end was lost or changed. What stands in front of that was read, so that quotas and usage may be lower than they were.")]
        public static partial void Damaged(ILogger logger, string path);

        [LoggerMessage(2, LogLevel.Error, "Quotas and usage cannot be written. They are counted in memory until they can.")]
        public static partial void Fails(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Information, "Quotas and usage are written again.")]
        public static partial void Works(ILogger logger);
    }
}
