using Mesh.Outcomes;

namespace Mesh.Core.Tests.Outcomes;

public sealed class RequestIdempotencyTests
{
    [TestCase("GET", ExpectedResult = true)]
    [TestCase("HEAD", ExpectedResult = true)]
    [TestCase("OPTIONS", ExpectedResult = true)]
    [TestCase("TRACE", ExpectedResult = true)]
    [TestCase("QUERY", ExpectedResult = true)]
    [TestCase("PUT", ExpectedResult = true)]
    [TestCase("DELETE", ExpectedResult = true)]
    [TestCase("POST", ExpectedResult = false)]
    [TestCase("PATCH", ExpectedResult = false)]
    [TestCase("CONNECT", ExpectedResult = false)]
    [TestCase("REPORT", ExpectedResult = false)]
    public bool IsIdempotent_ByMethod(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://orders/");
        return RequestIdempotency.IsIdempotent(request);
    }

    [Test]
    public void IsIdempotent_PostWithKey_IsByItsPromise()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://orders/") { Headers = { { "idempotency-key", "1" } } };
        Assert.That(RequestIdempotency.IsIdempotent(request), Is.True);
    }
}
