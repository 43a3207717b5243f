using System.Net;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Mesh.Server.RateLimits;
using Mesh.Server.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Tests.RateLimits;

internal sealed class CallerKeyTests
{
    [TestCase("10.1.2.3", "10.1.2.3")]
    [TestCase("::ffff:10.1.2.3", "10.1.2.3")]
    [TestCase("2001:db8:1:2:aaaa::1", "20010db800010002/64")]
    [TestCase("2001:db8:1:2:bbbb::2", "20010db800010002/64")]
    [TestCase("2001:db8:1:3::1", "20010db800010003/64")]
    public void AddressOf_Address_IsOneSubscriber(string address, string expected) =>
        Assert.That(CallerKey.AddressOf(IPAddress.Parse(address)), Is.EqualTo(expected));

    [Test]
    public void Of_Partitions_TakeTheMostSpecificProof()
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        var stranger = new MeshRequest(http, null, "/", Deadline.None);
        var peer = new MeshRequest(http, ServedApp.Authority.IdOf("storefront"), "/", Deadline.None);

        Assert.That(Of(http, stranger, RateLimitPartition.Principal), Is.EqualTo("127.0.0.1"));
        Assert.That(Of(http, peer, RateLimitPartition.Principal), Is.EqualTo("spiffe://shop.example/ns/shop/sa/storefront"));
        Assert.That(Of(http, peer, RateLimitPartition.Ip), Is.EqualTo("127.0.0.1"));
        Assert.That(Of(http, peer, RateLimitPartition.Global), Is.EqualTo(Of(http, stranger, RateLimitPartition.Global)));
    }

    [Test]
    public void Of_NothingToCountBy_IsSharedByAllWhoHaveNothing()
    {
        var http = new DefaultHttpContext();
        var stranger = new MeshRequest(http, null, "/", Deadline.None);

        foreach (var partition in new[] { RateLimitPartition.Peer, RateLimitPartition.Consumer, RateLimitPartition.Header, RateLimitPartition.Claim })
        {
            Assert.That(Of(http, stranger, partition), Is.Empty);
        }
    }

    [Test]
    public void Of_HeaderInSeveralLines_IsOneText()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Append("x-tenant", "a");
        http.Request.Headers.Append("x-tenant", "b");

        Assert.That(Of(http, new MeshRequest(http, null, "/", Deadline.None), RateLimitPartition.Header), Is.EqualTo("a,b"));
    }

    private static string Of(HttpContext http, MeshRequest request, RateLimitPartition partition)
    {
        var options = new RateLimitOptions { Name = "test", Limit = 1, Partition = partition };
        options.Header = partition == RateLimitPartition.Header ? "x-tenant" : null;
        options.Claim = partition == RateLimitPartition.Claim ? "tenant" : null;
        using var table = new RateLimiterTable(options, TimeProvider.System);
        return CallerKey.Of(http, request, new RequestLimit(table, options), null);
    }
}
