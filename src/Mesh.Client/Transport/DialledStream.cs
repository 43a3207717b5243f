using System.Net.Sockets;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>A TCP connection that remembers the first byte of the other side: it tells TLS from plaintext.</summary>
/// <param name="socket">The connected socket; owned.</param>
/// <param name="plaintextTo">Where no TLS is spoken on it: who is called, for the message when the other side turns out to speak TLS.</param>
internal sealed class DialledStream(Socket socket, string? plaintextTo) : NetworkStream(socket, ownsSocket: true)
{
    private const int TlsAlertRecord = 21;
    private int _first = -1;

    /// <summary>Whether it has answered, and with something that is no TLS record (RFC 8446, 5.1).</summary>
    public bool AnsweredInPlaintext => _first is not (-1 or (>= 20 and <= 24));

    /// <summary>Whether it has answered at all.</summary>
    public bool HasAnswered => _first >= 0;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _first >= 0 ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (length > 0)
        {
            _first = buffer.Span[0];
            if (plaintextTo is not null && _first == TlsAlertRecord)
            {
                throw TlsFailure.Carry(new MeshTlsException(
                    PeerRefusal.TlsExpected,
                    $"{plaintextTo} speaks TLS and was called in plaintext: call it with 'https'."));
            }
        }

        return length;
    }
}
