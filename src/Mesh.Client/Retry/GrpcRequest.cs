namespace Mesh.Client.Retry;

/// <summary>Tells gRPC requests from others.</summary>
internal static class GrpcRequest
{
    /// <summary>Whether a request is gRPC, in any of its encodings.</summary>
    // The parsed field is at hand where the text would have to be made.
    public static bool Is(HttpRequestMessage request) =>
        request.Content is { } content
        && request.Method == HttpMethod.Post
        && content.Headers.ContentType?.MediaType is { } type
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
