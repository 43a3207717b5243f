using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Outcomes;

/// <summary>Turns a response or an exception into a <see cref="CallOutcome"/>.</summary>
public static class OutcomeClassifier
{
    // RFC 9113, section 7: the stream was refused before any application processing.
    private const long Http2RefusedStream = 0x7;

    /// <summary>
    /// Classifies a response by its status and, for gRPC answers that carry it in the headers ("Trailers-Only"),
    /// by <c>grpc-status</c>.
    /// </summary>
    /// <remarks>501 and 505 are successes here: they are the same on every replica, and no repetition changes them.</remarks>
    public static CallOutcome Classify(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var status = (int)response.StatusCode;
        return status switch
        {
            200 => ClassifyGrpc(response.Headers) ?? CallOutcome.Success,
            429 => CallOutcome.Overload,
            503 => response.Headers.NonValidated.Contains("Retry-After") ? CallOutcome.Overload : CallOutcome.Failure,
            (int)HttpStatusCode.NotImplemented or (int)HttpStatusCode.HttpVersionNotSupported => CallOutcome.Success,
            (int)HttpStatusCode.RequestTimeout or >= 500 => CallOutcome.Failure,
            _ => CallOutcome.Success,
        };
    }

    /// <summary>Classifies a response whose body has been read to its end, so that its trailers have come: gRPC has its status there.</summary>
    public static CallOutcome ClassifyTrailers(HttpResponseMessage response)
    {
        var outcome = Classify(response);
        return outcome == CallOutcome.Success ? ClassifyGrpc(response.TrailingHeaders) ?? outcome : outcome;
    }

    /// <summary>Classifies what the transport threw.</summary>
    /// <param name="exception">The exception of the attempt.</param>
    /// <param name="callerToken">The caller's own token: tells its cancellation from a time-out of ours.</param>
    public static CallOutcome Classify(Exception exception, CancellationToken callerToken)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (exception is OperationCanceledException && callerToken.IsCancellationRequested)
        {
            return CallOutcome.CancelledByCaller;
        }

        return exception is HttpRequestException request && IsProvablyNotSent(request) ? CallOutcome.NotSent : CallOutcome.Failure;
    }

    private static bool IsProvablyNotSent(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError
            or HttpRequestError.VersionNegotiationError => true,
        HttpRequestError.HttpProtocolError => exception.InnerException is HttpProtocolException { ErrorCode: Http2RefusedStream },
        _ => false,
    };

    private static CallOutcome? ClassifyGrpc(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("grpc-status", out var values))
        {
            return null;
        }

        // Status codes of gRPC: 2 unknown, 4 deadline exceeded, 8 resource exhausted, 13 internal, 14 unavailable, 15 data loss.
        return values.ToString() switch
        {
            "8" => CallOutcome.Overload,
            "2" or "4" or "13" or "14" or "15" => CallOutcome.Failure,
            _ => CallOutcome.Success,
        };
    }
}
