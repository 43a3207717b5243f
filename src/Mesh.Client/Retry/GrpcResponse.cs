using System.Globalization;
using Mesh.Client.Calls;

namespace Mesh.Client.Retry;

/// <summary>
/// What a gRPC response says about itself: in its headers when it has no body ("Trailers-Only"), or in the trailers of a
/// body that has been seen to be empty.
/// </summary>
internal static class GrpcResponse
{
    private const string StatusHeader = "grpc-status";
    private const string PushbackHeader = "grpc-retry-pushback-ms";

    /// <summary>Whether a body is gRPC, in any of its encodings.</summary>
    public static bool IsGrpc(HttpContent content) =>
        content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
        && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    public static bool HasStatusInHeaders(HttpResponseMessage response) => response.Headers.NonValidated.Contains(StatusHeader);

    /// <summary>The gRPC status; <see langword="null"/> when it is not known yet, or there is none that could be read.</summary>
    public static int? StatusOf(HttpResponseMessage response) =>
        TryGet(response, StatusHeader, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
        && status < RetryConditions.GrpcStatusEnd
            ? status
            : null;

    /// <summary>
    /// What the callee says about a repetition (gRFC A6): a pause; infinite for "do not repeat", which a negative or
    /// malformed value means too; <see langword="null"/> when it says nothing.
    /// </summary>
    public static TimeSpan? PushbackOf(HttpResponseMessage response)
    {
        if (!TryGet(response, PushbackHeader, out var text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Timeout.InfiniteTimeSpan;
    }

    private static bool TryGet(HttpResponseMessage response, string name, out string text)
    {
        if (response.Headers.NonValidated.TryGetValues(name, out var values)
            || (response.Content is PeekedContent { IsEmpty: true } && response.TrailingHeaders.NonValidated.TryGetValues(name, out values)))
        {
            text = values.ToString();
            return true;
        }

        text = "";
        return false;
    }
}
