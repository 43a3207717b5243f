using System.Net;

namespace Mesh.Client.Calls;

/// <summary>A response body whose beginning has been read already, or is being read; whoever reads it gets all of it.</summary>
/// <param name="inner">The body.</param>
/// <param name="body">Its stream.</param>
/// <param name="buffer">Where the beginning is, or will be.</param>
/// <param name="first">How much of it there is; none means that the body is empty.</param>
internal sealed class PeekedContent(HttpContent inner, Stream body, byte[] buffer, Task<int> first) : WrappedContent(inner)
{
    /// <summary>Whether the body has been seen to be empty, so that trailers have come.</summary>
    public bool IsEmpty => first.IsCompletedSuccessfully && first.Result == 0;

    /// <summary>As much of the beginning as has been read.</summary>
    public ReadOnlySpan<byte> Beginning => first.IsCompletedSuccessfully ? buffer.AsSpan(0, first.Result) : [];

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(Open());

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Open();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var whole = Open();
        await using (whole.ConfigureAwait(false))
        {
            await whole.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var whole = Open();
        whole.CopyTo(stream);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // A read that is under way ends with an exception that nobody waits for.
            _ = first.ContinueWith(
                static task => _ = task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            Inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private PeekedStream Open() => new(body, buffer, first);
}
