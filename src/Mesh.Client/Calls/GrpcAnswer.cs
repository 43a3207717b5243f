using System.Globalization;
using System.Net;
using System.Text;

namespace Mesh.Client.Calls;

/// <summary>
/// Answers of the mesh's own to gRPC calls. A gRPC client cannot read the mesh's exceptions: a time-out would be CANCELLED to
/// it, as if its own application had given up, and a refusal INTERNAL.
/// </summary>
internal static class GrpcAnswer
{
    private const int DeadlineExceeded = 4;
    private const int Unavailable = 14;

    /// <summary>An answer without a message ("Trailers-Only"): the status is in the header.</summary>
    public static HttpResponseMessage Create(int status, string message, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Version = request.Version, Content = new ByteArrayContent([]) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        response.Headers.TryAddWithoutValidation("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        response.Headers.TryAddWithoutValidation("grpc-message", Ascii.IsValid(message) ? message.Replace("%", "%25", StringComparison.Ordinal) : Uri.EscapeDataString(message));
        return response;
    }

    /// <summary>Waits for a gRPC call, and gives an answer for what the mesh itself has ended.</summary>
    public static async Task<HttpResponseMessage> OfAsync(Task<HttpResponseMessage> sending, HttpRequestMessage request, CancellationToken caller)
    {
        try
        {
            return await sending.ConfigureAwait(false);
        }
        catch (MeshRejectedException exception)
        {
            return Create(Unavailable, exception.Message, request);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException && !caller.IsCancellationRequested)
        {
            return Create(DeadlineExceeded, exception.Message, request);
        }
    }
}
