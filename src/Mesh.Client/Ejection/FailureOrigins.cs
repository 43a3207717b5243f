using System.Net;

namespace Mesh.Client.Ejection;

/// <summary>Tells where the failure of an attempt came from.</summary>
internal static class FailureOrigins
{
    private const string GrpcStatus = "grpc-status";

    /// <param name="response">The answer, or <see langword="null"/> when there was none.</param>
    public static FailureOrigin Of(HttpResponseMessage? response)
    {
        if (response is null)
        {
            return FailureOrigin.Local;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => FailureOrigin.Gateway,
            HttpStatusCode.OK when IsGrpcGateway(response) => FailureOrigin.Gateway,
            _ => FailureOrigin.Answer,
        };
    }

    // As Envoy maps them: 4 deadline exceeded is 504, 14 unavailable is 503.
    private static bool IsGrpcGateway(HttpResponseMessage response) =>
        (response.Headers.NonValidated.TryGetValues(GrpcStatus, out var status) || response.TrailingHeaders.NonValidated.TryGetValues(GrpcStatus, out status))
        && status.ToString() is ("4" or "14");
}
