using System.Net;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Transport;

public sealed class PlaintextHttp2Tests
{
    [Test]
    public void Demand_OrdinaryRequest_IsHttp2AndNothingElse()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");
        PlaintextHttp2.Demand(request);
        Assert.That((request.Version, request.VersionPolicy), Is.EqualTo((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)));
    }

    [Test]
    public void Demand_ChangeOfProtocol_StaysHttp11()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/") { Headers = { { "Upgrade", "websocket" }, { "Connection", "Upgrade" } } };
        PlaintextHttp2.Demand(request);
        Assert.That((request.Version, request.VersionPolicy), Is.EqualTo((HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower)));
    }
}
