using System.Buffers;
using System.Net;

namespace Mesh.Client.Timeouts;

/// <summary>
/// A response body that may not stand still while <see cref="HttpClient"/> reads it into memory: takes the place of
/// <see cref="HttpClient.Timeout"/>, which the mesh lifts. A body the application streams itself is left alone: how long
/// an event stream may be silent is the application's to say.
/// </summary>
internal sealed class GuardedContent : HttpContent
{
    /// <summary>The longest pause between two reads.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private const int BufferSize = 16 * 1024;

    private readonly HttpContent _inner;
    private readonly TimeProvider _time;

    private GuardedContent(HttpContent inner, TimeProvider time)
    {
        _inner = inner;
        _time = time;
        foreach (var header in inner.Headers.NonValidated)
        {
            if (header.Value.Count == 1)
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value.ToString());
            }
            else
            {
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }
    }

    /// <summary>Guards the body of a response that has one.</summary>
    public static void Attach(HttpResponseMessage response, TimeProvider time)
    {
        if (response.Content.Headers.ContentLength is not 0)
        {
            response.Content = new GuardedContent(response.Content, time);
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => _inner.ReadAsStreamAsync();

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => _inner.ReadAsStreamAsync(cancellationToken);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _inner.ReadAsStream(cancellationToken);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var guard = AttemptTimeout.Start(LongestPause, _time, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var body = await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            int read;
            while ((read = await body.ReadAsync(buffer, guard.Token).ConfigureAwait(false)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                guard.CancelAfter(LongestPause);
            }
        }
        catch (OperationCanceledException exception) when (guard.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var message = $"The body of the response stood still for {LongestPause.TotalSeconds} s.";
            throw new TaskCanceledException(message, new TimeoutException(message, exception));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            guard.Return();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
