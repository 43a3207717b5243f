using System.Net;
using Mesh.Client.Calls;

namespace Mesh.Client.Retry;

/// <summary>The caller's body, kept while it is sent.</summary>
internal sealed class RecordingContent(HttpContent original, RecordedBody body) : WrappedContent(original)
{
    /// <summary>The caller's own; its disposal is the caller's affair.</summary>
    public HttpContent Original => Inner;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        body.TryBegin() ? RecordAsync(stream, context, cancellationToken) : Inner.CopyToAsync(stream, context, cancellationToken);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!body.TryBegin())
        {
            Inner.CopyTo(stream, context, cancellationToken);
            return;
        }

        var isComplete = false;
        try
        {
            using var tee = new Tee(stream, body);
            Inner.CopyTo(tee, context, cancellationToken);
            isComplete = true;
        }
        finally
        {
            body.End(isComplete);
        }
    }

    private async Task RecordAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            var tee = new Tee(stream, body);
            await using (tee.ConfigureAwait(false))
            {
                await Inner.CopyToAsync(tee, context, cancellationToken).ConfigureAwait(false);
            }

            isComplete = true;
        }
        finally
        {
            body.End(isComplete);
        }
    }

    private sealed class Tee(Stream stream, RecordedBody body) : TeeStream(stream)
    {
        protected override void Show(ReadOnlySpan<byte> buffer) => body.Append(buffer);
    }
}
