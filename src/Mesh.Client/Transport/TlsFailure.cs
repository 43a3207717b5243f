using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// Carries a <see cref="MeshTlsException"/> that only a read could find out through <see cref="SocketsHttpHandler"/>, which
/// understands no exception of a stream but <see cref="IOException"/>, and puts it where callers look for it.
/// </summary>
internal static class TlsFailure
{
    private const int MaxDepth = 8;

    public static IOException Carry(MeshTlsException exception) => new(exception.Message, exception);

    /// <summary>The exception a caller is to see: with the <see cref="MeshTlsException"/> directly inside, where there is one.</summary>
    public static Exception Surface(Exception exception)
    {
        if (exception is not HttpRequestException { InnerException: not (null or MeshTlsException) })
        {
            return exception;
        }

        var current = exception.InnerException;
        for (var depth = 0; current is not null && depth < MaxDepth; depth++, current = current.InnerException)
        {
            if (current is MeshTlsException tls)
            {
                return new HttpRequestException(IsProofOfNotSent(tls) ? HttpRequestError.SecureConnectionError : HttpRequestError.ResponseEnded, tls.Message, tls);
            }
        }

        return exception;
    }

    // A connection that just ended may have delivered the request before.
    private static bool IsProofOfNotSent(MeshTlsException exception) =>
        exception.Reason is PeerRefusal.TlsExpected or PeerRefusal.PlaintextForbidden
        || (exception.InnerException is { } cause && TlsAlert.RefusesCertificate(TlsAlert.Find(cause)));
}
