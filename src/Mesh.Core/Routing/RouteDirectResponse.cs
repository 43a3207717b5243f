namespace Mesh.Routing;

/// <summary>What a rule answers by itself. Immutable.</summary>
public sealed class RouteDirectResponse
{
    internal RouteDirectResponse(int statusCode, ReadOnlyMemory<byte> body, string contentType)
    {
        StatusCode = statusCode;
        Body = body;
        ContentType = contentType;
    }

    /// <summary>The status.</summary>
    public int StatusCode { get; }

    /// <summary>The body; may be empty.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The type of the body.</summary>
    public string ContentType { get; }
}
