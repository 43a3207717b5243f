namespace Mesh.Client;

/// <summary>What an application can tell the mesh about a request, in <see cref="HttpRequestMessage.Options"/>.</summary>
public static class MeshRequestOptions
{
    /// <summary>What the request should stick to an endpoint by, under the policies <c>RingHash</c> and <c>Maglev</c>.</summary>
    /// <example><code>request.Options.Set(MeshRequestOptions.HashKey, customerId);</code></example>
    public static HttpRequestOptionsKey<string> HashKey { get; } = new("Mesh.HashKey");
}
