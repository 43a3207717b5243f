using System.Net;

namespace Mesh.Client.Timeouts;

/// <summary>
/// A response body that may not stand still: takes the place of <see cref="HttpClient.Timeout"/>, which the mesh lifts.
/// It holds for a body that <see cref="HttpClient"/> reads into memory and for one the application reads as a stream,
/// because <c>GetStringAsync</c> and <c>GetFromJsonAsync</c> are streams underneath.
/// </summary>
internal sealed class GuardedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;

    private GuardedContent(HttpContent inner, TimeSpan idle, TimeProvider time)
    {
        _inner = inner;
        _idle = idle;
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
    /// <param name="response">The response.</param>
    /// <param name="idle">The longest pause between two reads; infinite guards nothing.</param>
    /// <param name="time">The clock.</param>
    public static void Attach(HttpResponseMessage response, TimeSpan idle, TimeProvider time)
    {
        if (idle != Timeout.InfiniteTimeSpan && response.Content.Headers.ContentLength is not 0 && !MayBeSilent(response))
        {
            response.Content = new GuardedContent(response.Content, idle, time);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Guard(await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Guard(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Guard(_inner.ReadAsStream(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = Guard(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _inner.CopyTo(stream, context, cancellationToken);

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

    // A protocol of its own, gRPC with its own deadlines, and events that come when they come.
    private static bool MayBeSilent(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.SwitchingProtocols
        || (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
            && (type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
                || type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)));

    private GuardedStream Guard(Stream body) => new(body, _idle, _time);
}
