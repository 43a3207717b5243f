using System.Net;
using Mesh.Client.Calls;

namespace Mesh.Client.Mirroring;

/// <summary>A streaming request body of which a copy is kept while it is sent, up to a bound.</summary>
/// <param name="inner">The body.</param>
/// <param name="limit">The largest body that is kept.</param>
/// <param name="ended">Hears of the whole body once it was sent, or <see langword="null"/> when it was too large.</param>
internal sealed class RecordedContent(HttpContent inner, int limit, Action<byte[]?> ended) : WrappedContent(inner)
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var recording = new RecordingStream(stream, limit);
        await using (recording.ConfigureAwait(false))
        {
            await Inner.CopyToAsync(recording, context, cancellationToken).ConfigureAwait(false);
            ended(recording.Recorded);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var recording = new RecordingStream(stream, limit);
        Inner.CopyTo(recording, context, cancellationToken);
        ended(recording.Recorded);
    }

    // The inner body belongs to the caller's request, and so does its disposal.
}
