using System.Net;
using Mesh.Client.Tests.Fixtures;
using Mesh.Identity;

namespace Mesh.Client.Tests.Transport;

/// <summary>A callee that is not .NET, and tells us in an alert why it refuses us.</summary>
public sealed class OpenSslPeerTests
{
    [TestCase("-tls1_3")]
    [TestCase("-tls1_2")]
    public async Task SendAsync_PeerAcceptsUs_GetsItsAnswer(string tls)
    {
        using var peer = await OpenSslServer.StartAsync(TestAuthority.Shop.Identity("orders").Current, TestAuthority.Shop.Anchor, tls);
        await using var host = Host(peer);

        using var response = await host.CreateClient().GetAsync(new Uri("https://orders/"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("-tls1_3")]
    [TestCase("-tls1_2")]
    public async Task SendAsync_PeerDoesNotKnowOurAuthority_SaysSoAndProvesThatNothingWasSent(string tls)
    {
        using var peer = await OpenSslServer.StartAsync(TestAuthority.Shop.Identity("orders").Current, TestAuthority.Stranger.Anchor, tls);
        await using var host = Host(peer);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().GetAsync(new Uri("https://orders/")));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.RefusedByPeer), exception.ToString());
        Assert.That(exception.InnerException!.Message, Does.Contain("unknown_ca"));
        Assert.That(exception.HttpRequestError, Is.EqualTo(HttpRequestError.SecureConnectionError));
    }

    [Test]
    public async Task SendAsync_PeerSpeaksAnotherProtocol_SaysSo()
    {
        using var peer = await OpenSslServer.StartAsync(TestAuthority.Shop.Identity("orders").Current, TestAuthority.Shop.Anchor, "-alpn http/1.1");
        await using var host = Host(peer);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => host.CreateClient().SendAsync(request));

        Assert.That((exception!.InnerException as MeshTlsException)?.Reason, Is.EqualTo(PeerRefusal.HandshakeFailed), exception.ToString());
        Assert.That(exception.InnerException!.Message, Does.Contain("no_application_protocol"));
    }

    private static ClientHost Host(OpenSslServer peer) => new(Given.Services(
        $$"""{ "orders": { "https": [ "127.0.0.1:{{peer.Port}}" ] } }""",
        """{ "orders": { "Retry": { "Attempts": 0 } } }"""));
}
