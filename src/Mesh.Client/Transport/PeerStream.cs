using System.Net.Security;
using System.Net.Sockets;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>
/// One mutual TLS connection: knows the identity it was made under and what its peer proved, leaves its pool when it closes,
/// and says so when the peer refuses us.
/// </summary>
/// <remarks>
/// In TLS 1.3 a client's handshake is over before the server has looked at its certificate: that it was refused shows only in
/// the first read, as an alert or as an early end.
/// </remarks>
internal sealed class PeerStream(DialledStream transport, ConnectionPool pool, X509Identity own, string peerName, TimeProvider time) : SslStream(transport)
{
    // A service that accepts a connection and closes it later, unused, has refused nobody.
    private static readonly TimeSpan RefusalComesWithin = TimeSpan.FromSeconds(5);

    private readonly long _openedAt = time.GetTimestamp();
    private volatile bool _hasAnswered;
    private volatile bool _hasAsked;

    /// <summary>This process's identity at the handshake.</summary>
    public X509Identity Own => own;

    /// <summary>What the peer presented; set in the handshake, before the connection joins its pool.</summary>
    public PresentedChain? Peer { get; set; }

    /// <summary>Cuts it, whatever it is carrying.</summary>
    public void Abort() => InnerStream.Dispose();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _hasAnswered ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _hasAsked = true;
        return base.WriteAsync(buffer, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        pool.Remove(this);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        pool.Remove(this);
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int length;
        try
        {
            length = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (TlsAlert.Find(exception) is { } alert)
        {
            throw TlsFailure.Carry(Refused($"{peerName} refused this process's certificate of '{own.Id}' ({TlsAlert.Describe(alert)}): its log says why.", exception));
        }
        catch (IOException exception) when (IsEarlyEnd && exception.InnerException is not SocketException { SocketErrorCode: SocketError.OperationAborted })
        {
            throw TlsFailure.Carry(EndedEarly(exception));
        }

        if (length > 0)
        {
            _hasAnswered = true;
        }
        else if (!buffer.IsEmpty && IsEarlyEnd)
        {
            throw TlsFailure.Carry(EndedEarly(null));
        }

        return length;
    }

    private bool IsEarlyEnd => _hasAsked && time.GetElapsedTime(_openedAt) < RefusalComesWithin;

    private MeshTlsException EndedEarly(Exception? cause) => Refused(
        $"{peerName} closed a new connection without any answer, as a service does that refuses its caller's certificate, here that of '{own.Id}': its log says why.",
        cause);

    private static MeshTlsException Refused(string message, Exception? cause) => new(PeerRefusal.RefusedByPeer, message, cause);
}
