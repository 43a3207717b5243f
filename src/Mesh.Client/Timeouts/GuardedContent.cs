using System.Net;
using Mesh.Client.Calls;

namespace Mesh.Client.Timeouts;

/// <summary>
/// A response body that may not stand still: takes the place of <see cref="HttpClient.Timeout"/>, which the mesh lifts.
/// It holds for a body that <see cref="HttpClient"/> reads into memory and for one the application reads as a stream,
/// because <c>GetStringAsync</c> and <c>GetFromJsonAsync</c> are streams underneath.
/// </summary>
internal sealed class GuardedContent : WrappedContent
{
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;

    private GuardedContent(HttpContent inner, TimeSpan idle, TimeProvider time)
        : base(inner)
    {
        _idle = idle;
        _time = time;
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
        Guard(await Inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Guard(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Guard(Inner.ReadAsStream(cancellationToken));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = Guard(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Inner.CopyTo(stream, context, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
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
