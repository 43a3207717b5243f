namespace Mesh.Client.Ejection;

/// <summary>Where a failure came from.</summary>
internal enum FailureOrigin
{
    /// <summary>The endpoint itself has answered.</summary>
    Answer,

    /// <summary>The answer blames what stands behind the endpoint: 502, 503, 504, and the gRPC codes that mean the same.</summary>
    Gateway,

    /// <summary>There was no answer: no connection, a broken one, a time-out.</summary>
    Local,
}
