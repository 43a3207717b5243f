namespace Mesh.Client.Retry;

/// <summary>Copies a request for another attempt: method, URI, version and version policy, headers, options, and the same content.</summary>
internal static class RequestCopy
{
    public static HttpRequestMessage Of(HttpRequestMessage request, Uri? uri = null)
    {
        var copy = new HttpRequestMessage(request.Method, uri ?? request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = request.Content,
        };
        foreach (var header in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        foreach (var option in (IDictionary<string, object?>)request.Options)
        {
            ((IDictionary<string, object?>)copy.Options)[option.Key] = option.Value;
        }

        return copy;
    }

    /// <summary>Whether the body can be sent twice: there is none, or it lies in memory and is not consumed by sending.</summary>
    public static bool IsReplayable(HttpContent? content) =>
        content is null or ByteArrayContent or ReadOnlyMemoryContent;
}
