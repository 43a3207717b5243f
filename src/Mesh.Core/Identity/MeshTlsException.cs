using System.Security.Authentication;

namespace Mesh.Identity;

/// <summary>
/// A mesh handshake was refused, with the reason. It is the inner exception of the <see cref="HttpRequestException"/>
/// a caller sees; being an <see cref="AuthenticationException"/>, it is reported as <see cref="HttpRequestError.SecureConnectionError"/>.
/// </summary>
public sealed class MeshTlsException : AuthenticationException
{
    /// <summary>Creates it from a reason and words for it.</summary>
    public MeshTlsException(PeerRefusal reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the peer was refused.</summary>
    public PeerRefusal Reason { get; }
}
