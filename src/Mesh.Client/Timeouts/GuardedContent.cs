using System.Buffers;
using System.Net;
using Mesh.Client.Calls;

namespace Mesh.Client.Timeouts;

/// <summary>
/// A response body that may not stand still: takes the place of <see cref="HttpClient.Timeout"/>, which the mesh lifts.
/// It holds for a body that <see cref="HttpClient"/> reads into memory and for one the application reads as a stream,
/// because <c>GetStringAsync</c> and <c>GetFromJsonAsync</c> are streams underneath. Where the call may be repeated, a body
/// that breaks off before anybody has had a byte of it begins anew.
/// </summary>
internal sealed class GuardedContent : WrappedContent
{
    // What is read before anything is handed on to somebody who sees nothing before the end.
    private const int MaxHeldBack = 64 * 1024;

    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly BodyRecovery? _recovery;

    private GuardedContent(HttpContent inner, TimeSpan idle, TimeProvider time, BodyRecovery? recovery)
        : base(inner)
    {
        _recovery = recovery;
        _idle = idle;
        _time = time;
    }

    /// <summary>Guards the body of a response for which <see cref="IsGuarded"/> holds.</summary>
    /// <param name="response">The response.</param>
    /// <param name="idle">The longest pause between two reads; infinite guards nothing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="recovery">How to have the body again, or <see langword="null"/>.</param>
    public static void Attach(HttpResponseMessage response, TimeSpan idle, TimeProvider time, BodyRecovery? recovery)
    {
        if (idle != Timeout.InfiniteTimeSpan || recovery is not null)
        {
            response.Content = new GuardedContent(response.Content, idle, time, recovery);
        }
    }

    /// <summary>Whether there is a body, and one of which something is to be expected at any time.</summary>
    public static bool IsGuarded(HttpResponseMessage response) => response.Content.Headers.ContentLength is not 0 && !MayBeSilent(response);

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        Guard(await Inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Guard(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Guard(Inner.ReadAsStream(cancellationToken));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = new GuardedStream(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _idle, _time, recovery: null);
        var rest = _recovery is not null && IsMemory(stream)
            ? await CopyBeginningAsync(_recovery, body, stream, cancellationToken).ConfigureAwait(false)
            : body;
        if (rest is not null)
        {
            await rest.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Inner.CopyTo(stream, context, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
            _recovery?.Dispose();
        }

        base.Dispose(disposing);
    }

    // HttpClient reads a body into such a stream before it returns the response, and nobody sees a part of it.
    private static bool IsMemory(Stream stream) => stream is MemoryStream || stream.GetType().DeclaringType == typeof(HttpContent);

    // Null when the beginning is all of it, as with most bodies.
    private async Task<GuardedStream?> CopyBeginningAsync(BodyRecovery recovery, GuardedStream body, Stream stream, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxHeldBack);
        try
        {
            while (true)
            {
                try
                {
                    var length = await body.ReadAtLeastAsync(buffer, MaxHeldBack, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                    await stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                    return length < MaxHeldBack ? null : body;
                }
                catch (Exception exception) when (BodyRecovery.IsBroken(exception))
                {
                    if (await recovery.TryAgainAsync(cancellationToken).ConfigureAwait(false) is not { } again)
                    {
                        throw;
                    }

                    body = new GuardedStream(again, _idle, _time, recovery: null);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A protocol of its own, gRPC with its own deadlines, and events that come when they come.
    private static bool MayBeSilent(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.SwitchingProtocols
        || (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
            && (type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
                || type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)));

    private GuardedStream Guard(Stream body) => new(body, _idle, _time, _recovery);
}
