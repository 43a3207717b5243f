using System.Net;
using Mesh.Client.Calls;
using Mesh.Faults;

namespace Mesh.Client.Faults;

/// <summary>A response body that comes slowly.</summary>
internal sealed class PacedContent(HttpContent inner, int bytesPerSecond, TimeProvider time) : WrappedContent(inner)
{
    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Pace(await Inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Pace(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Pace(Inner.ReadAsStream(cancellationToken));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private PacedStream Pace(Stream body) => new(body, new BodyPace(bytesPerSecond, time));
}
