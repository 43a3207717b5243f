using System.Buffers;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Server.Tls;

/// <summary>
/// One port that speaks mutual TLS and, where its mode allows, plaintext: the first byte of a connection tells which. Also a
/// feature of its connections, by which the requests of a plaintext one know their listener.
/// </summary>
/// <remarks>It touches neither policy nor identity before the first connection: see <see cref="KestrelHttpsDefaults"/>.</remarks>
internal sealed class MeshListener(PeerAuthenticationMode? mode, Lazy<PeerHandshake> handshake, Lazy<PlaintextGate> gate, TimeProvider time)
{
    // The type of a TLS record that carries a handshake (RFC 8446, 5.1). No method of HTTP begins with it.
    private const byte Handshake = 22;

    // Who says nothing waits for the server to speak, or is early: HTTP knows for how long it may.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What the code says about it; <see langword="null"/> for what the configuration says.</summary>
    public PeerAuthenticationMode? Mode => mode;

    /// <summary>Puts the choice in front of TLS.</summary>
    /// <param name="tls">Goes on with TLS.</param>
    /// <param name="plaintext">Goes on without.</param>
    public ConnectionDelegate Choose(ConnectionDelegate tls, ConnectionDelegate plaintext) => async connection =>
    {
        if (await BeginsWithTlsAsync(connection).ConfigureAwait(false) is not { } isTls)
        {
            return;
        }

        if (isTls)
        {
            await tls(connection).ConfigureAwait(false);
        }
        else if (gate.Value.Admits(connection, this))
        {
            connection.Features.Set(this);
            await plaintext(connection).ConfigureAwait(false);
        }
    };

    /// <summary>Prepares one handshake.</summary>
    public ValueTask<SslServerAuthenticationOptions> PrepareAsync(TlsHandshakeCallbackContext context)
    {
        var tls = new SslServerAuthenticationOptions();
        handshake.Value.Configure(context.Connection, tls, this, context.ClientHelloInfo.ServerName);
        return ValueTask.FromResult(tls);
    }

    public static int PortOf(ConnectionContext connection) => (connection.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary><see langword="null"/> when the other side has left without a word.</summary>
    private async ValueTask<bool?> BeginsWithTlsAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            var read = await input.ReadAsync(patience.Token).ConfigureAwait(false);
            var buffer = read.Buffer;
            bool? isTls = buffer.IsEmpty ? null : buffer.FirstSpan[0] == Handshake;

            // Nothing has been looked at, as far as the next reader knows: it gets it at once.
            input.AdvanceTo(buffer.Start);
            return isTls;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
