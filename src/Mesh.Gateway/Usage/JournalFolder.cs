using System.Globalization;

namespace Mesh.Gateway.Usage;

/// <summary>
/// The files of a journal: a snapshot of everything, and behind it a journal of what has changed since. Both have a generation.
/// A new snapshot is written beside the old one and takes its place at once; then a new journal begins.
/// </summary>
/// <remarks>
/// Records hold whole values, so a journal may be read again over a snapshot that knows it already. The journal before the
/// last one stays until the next snapshot: should a loss of power undo the renaming of the snapshot, the old one and both
/// journals still say everything.
/// </remarks>
internal sealed class JournalFolder : IDisposable
{
    private const string SnapshotName = "usage.snapshot";
    private const string JournalPattern = "usage.journal.*";

    // Below it a journal is not worth a snapshot.
    private const long MinJournal = 1 << 20;

    private readonly string _directory;
    private readonly bool _flushToDisk;
    private readonly FileStream _lock;
    private FileStream? _journal;
    private long _generation;
    private long _snapshotLength;

    /// <exception cref="IOException">The folder cannot be used, or another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not use the folder.</exception>
    public JournalFolder(string directory, bool flushToDisk)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        _flushToDisk = flushToDisk;
        _lock = new FileStream(Path.Combine(_directory, "usage.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>How long the journal is.</summary>
    public long JournalLength => _journal?.Length ?? 0;

    /// <summary>Whether the journal has become longer than the snapshot is worth.</summary>
    public bool IsSnapshotDue => JournalLength > Math.Max(MinJournal, 2 * _snapshotLength);

    private string SnapshotPath => Path.Combine(_directory, SnapshotName);

    /// <summary>Reads what is there.</summary>
    /// <returns>The files that were not whole: what could be read of them was.</returns>
    public List<string> Load(IJournalTarget target)
    {
        List<string> damaged = [];
        if (File.Exists(SnapshotPath) && !TryRead(SnapshotPath, target, out _generation))
        {
            damaged.Add(SnapshotPath);
        }

        foreach (var (path, generation) in Journals())
        {
            if (generation >= _generation && !TryRead(path, target, out _))
            {
                damaged.Add(path);
            }

            _generation = Math.Max(_generation, generation);
        }

        return damaged;
    }

    /// <summary>Begins anew with a snapshot.</summary>
    /// <param name="write">Writes everything.</param>
    /// <exception cref="IOException">It could not be written; the files are as they were.</exception>
    public void Snapshot(Action<JournalWriter, Stream> write)
    {
        var generation = _generation + 1;
        var temporary = SnapshotPath + ".new";
        var writer = new JournalWriter();
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            writer.WriteHeader(generation);
            write(writer, stream);
            stream.Write(writer.Written.Span);
            stream.Flush(flushToDisk: true);
            _snapshotLength = stream.Length;
        }

        File.Move(temporary, SnapshotPath, overwrite: true);
        _journal?.Dispose();
        _journal = null;
        var journal = new FileStream(JournalPath(generation), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        writer.Clear();
        writer.WriteHeader(generation);
        journal.Write(writer.Written.Span);
        _journal = journal;
        foreach (var (path, old) in Journals())
        {
            if (old < _generation)
            {
                File.Delete(path);
            }
        }

        _generation = generation;
    }

    /// <summary>Appends records.</summary>
    /// <exception cref="IOException">They could not be written, or only some: a snapshot is needed before the next ones.</exception>
    public void Append(ReadOnlySpan<byte> records)
    {
        if (_journal is null)
        {
            throw new IOException("There is no journal.");
        }

        _journal.Write(records);
        if (_flushToDisk)
        {
            _journal.Flush(flushToDisk: true);
        }
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _lock.Dispose();
    }

    private static bool TryRead(string path, IJournalTarget target, out long generation)
    {
        var reader = new JournalReader(File.ReadAllBytes(path));
        if (reader.TryReadHeader(out generation))
        {
            reader.ReadInto(target);
            return reader.IsAtEnd;
        }

        return false;
    }

    private string JournalPath(long generation) => Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"usage.journal.{generation:D10}"));

    private List<(string Path, long Generation)> Journals() =>
        [.. from path in Directory.EnumerateFiles(_directory, JournalPattern)
            let number = path[(path.LastIndexOf('.') + 1)..]
            where long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            let generation = long.Parse(number, CultureInfo.InvariantCulture)
            orderby generation
            select (path, generation)];
}
