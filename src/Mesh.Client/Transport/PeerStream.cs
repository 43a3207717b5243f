using System.Net.Security;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>One mutual TLS connection: knows the identity it was made under and what its peer proved, and leaves its pool when it closes.</summary>
internal sealed class PeerStream(Stream transport, ConnectionPool pool, X509Identity own) : SslStream(transport)
{
    /// <summary>This process's identity at the handshake.</summary>
    public X509Identity Own => own;

    /// <summary>What the peer presented; set in the handshake, before the connection joins its pool.</summary>
    public PresentedChain? Peer { get; set; }

    /// <summary>Cuts it, whatever it is carrying.</summary>
    public void Abort() => InnerStream.Dispose();

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
}
