using Mesh.Gateway.Forwarding;

namespace Mesh.Gateway.Tests.Forwarding;

public sealed class HopHeadersTests
{
    [TestCase("Accept", ExpectedResult = true)]
    [TestCase("Authorization", ExpectedResult = true)]
    [TestCase("X-Request-Id", ExpectedResult = true)]
    [TestCase("grpc-timeout", ExpectedResult = true)]
    [TestCase("X-Secret", ExpectedResult = false)]
    [TestCase("x-other", ExpectedResult = false)]
    [TestCase("connection", ExpectedResult = false)]
    [TestCase("Keep-Alive", ExpectedResult = false)]
    [TestCase("TE", ExpectedResult = false)]
    [TestCase("Transfer-Encoding", ExpectedResult = false)]
    [TestCase("Proxy-Authorization", ExpectedResult = false)]
    [TestCase("x-forwarded-for", ExpectedResult = false)]
    [TestCase("X-Forwarded-Client-Cert", ExpectedResult = false)]
    [TestCase("X-Forwarded-Anything", ExpectedResult = false)]
    [TestCase("X_Forwarded_For", ExpectedResult = false)]
    [TestCase("x_mesh", ExpectedResult = false)]
    [TestCase("Mesh-Attempt", ExpectedResult = false)]
    [TestCase("x-envoy-original-path", ExpectedResult = false)]
    [TestCase("X-Real-IP", ExpectedResult = false)]
    [TestCase("True-Client-IP", ExpectedResult = false)]
    [TestCase("X-Original-URL", ExpectedResult = false)]
    [TestCase("X-Rewrite-URL", ExpectedResult = false)]
    [TestCase("Forwarded", ExpectedResult = false)]
    [TestCase("Host", ExpectedResult = false)]
    [TestCase(":path", ExpectedResult = false)]
    public bool PassesUpstream_Field(string name) => HopHeaders.PassesUpstream(name, new(["close, X-Secret", " X-OTHER\t,"]));

    [TestCase("Content-Type", ExpectedResult = true)]
    [TestCase("Set-Cookie", ExpectedResult = true)]
    [TestCase("X-Private", ExpectedResult = false)]
    [TestCase("Server", ExpectedResult = false)]
    [TestCase("Transfer-Encoding", ExpectedResult = false)]
    [TestCase("mesh-attempt", ExpectedResult = false)]
    public bool PassesDownstream_Field(string name) => HopHeaders.PassesDownstream(name, "X-Private");
}
