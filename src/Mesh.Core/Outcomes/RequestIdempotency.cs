namespace Mesh.Outcomes;

/// <summary>Whether sending a request twice does no more than sending it once (RFC 9110, section 9.2.2).</summary>
public static class RequestIdempotency
{
    /// <summary>
    /// True for the safe methods (GET, HEAD, OPTIONS, TRACE, QUERY), PUT and DELETE, and for any request that carries
    /// <see cref="MeshHeaders.IdempotencyKey"/>.
    /// </summary>
    public static bool IsIdempotent(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var method = request.Method;
        return method == HttpMethod.Get
            || method == HttpMethod.Head
            || method == HttpMethod.Put
            || method == HttpMethod.Delete
            || method == HttpMethod.Options
            || method == HttpMethod.Query
            || method == HttpMethod.Trace
            || request.Headers.NonValidated.Contains(MeshHeaders.IdempotencyKey);
    }
}
