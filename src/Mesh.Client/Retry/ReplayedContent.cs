using System.Net;
using Mesh.Client.Calls;

namespace Mesh.Client.Retry;

/// <summary>A body that was kept, for another attempt: the header fields are the caller's.</summary>
internal sealed class ReplayedContent(HttpContent original, RecordedBody body) : WrappedContent(original)
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        body.WriteToAsync(stream, cancellationToken);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) => body.WriteTo(stream);
}
