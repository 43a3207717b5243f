using System.Net;
using System.Net.Sockets;
using CsCheck;

namespace Mesh.Spiffe.Tests.WorkloadApi;

public sealed class AgentAddressTests
{
    [TestCase("unix:///run/spire/sockets/agent.sock", "/run/spire/sockets/agent.sock")]
    [TestCase("unix:/run/agent.sock", "/run/agent.sock")]
    [TestCase("UNIX:///a%20b", "/a b")]
    public void TryParse_Unix_IsItsPath(string text, string path)
    {
        Assert.That(AgentAddress.TryParse(text, out var address, out _), Is.True);
        Assert.That(address!.EndPoint, Is.TypeOf<UnixDomainSocketEndPoint>());
        Assert.That(address.EndPoint.ToString(), Is.EqualTo(path));
    }

    [TestCase("tcp://127.0.0.1:8081", "127.0.0.1", 8081)]
    [TestCase("tcp://[::1]:1", "::1", 1)]
    public void TryParse_Tcp_IsItsAddressAndPort(string text, string host, int port)
    {
        Assert.That(AgentAddress.TryParse(text, out var address, out _), Is.True);
        Assert.That(address!.EndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Parse(host), port)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("/run/agent.sock")]
    [TestCase("http://127.0.0.1:1")]
    [TestCase("unix:")]
    [TestCase("unix:///")]
    [TestCase("unix:relative")]
    [TestCase("unix://host/path")]
    [TestCase("unix:///path/")]
    [TestCase("unix:///path?query")]
    [TestCase("unix:///path#fragment")]
    [TestCase("tcp://localhost:1")]
    [TestCase("tcp://127.0.0.1")]
    [TestCase("tcp://127.0.0.1:0")]
    [TestCase("tcp://[::1]")]
    [TestCase("tcp://127.0.0.1:70000")]
    [TestCase("tcp://127.0.0.1:1/path")]
    [TestCase("tcp://user@127.0.0.1:1")]
    [TestCase("unix:///aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void TryParse_AnythingElse_SaysWhatIsAllowed(string? text)
    {
        Assert.That(AgentAddress.TryParse(text, out _, out var error), Is.False);
        Assert.That(error, Is.Not.Empty);
    }

    [Test]
    public void TryParse_AnyText_NeverThrows() =>
        Gen.Select(Gen.OneOf(Gen.Const(""), Gen.Const("unix:"), Gen.Const("unix://"), Gen.Const("unix:///"), Gen.Const("tcp://"), Gen.Const("tcp://[")), Gen.String).Sample(static (prefix, rest) =>
        {
            _ = AgentAddress.TryParse(prefix + rest, out _, out _);
        });
}
