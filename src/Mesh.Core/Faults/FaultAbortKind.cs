namespace Mesh.Faults;

/// <summary>Of what kind an injected failure is.</summary>
public enum FaultAbortKind
{
    /// <summary>An answer with an HTTP status.</summary>
    HttpStatus,

    /// <summary>An answer with a gRPC status.</summary>
    GrpcStatus,

    /// <summary>No answer: the connection does not come about or breaks.</summary>
    ConnectionError,
}
