using Mesh.Client.Calls;

namespace Mesh.Client.Mirroring;

/// <summary>Writes to a stream and keeps what was written, up to a bound.</summary>
internal sealed class RecordingStream(Stream inner, int limit) : TeeStream(inner)
{
    private MemoryStream? _recording = new();

    /// <summary>What was written, or <see langword="null"/> when it was too much.</summary>
    public byte[]? Recorded => _recording?.ToArray();

    protected override void Show(ReadOnlySpan<byte> buffer)
    {
        if (_recording is not { } recording)
        {
            return;
        }

        if (recording.Length + buffer.Length > limit)
        {
            _recording = null;
        }
        else
        {
            recording.Write(buffer);
        }
    }
}
