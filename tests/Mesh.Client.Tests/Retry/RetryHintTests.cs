using System.Net;
using Mesh.Client.Retry;

namespace Mesh.Client.Tests.Retry;

public sealed class RetryHintTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase("0", 0)]
    [TestCase("7", 7)]
    [TestCase("300", 300)]
    [TestCase("301", 300)]
    [TestCase("99999999999999999999", 300)]
    [TestCase("Fri, 01 May 2026 12:00:09 GMT", 9)]
    [TestCase("Fri, 01 May 2026 11:00:00 GMT", 0)]
    [TestCase("Fri, 01 May 2037 11:00:00 GMT", 300)]
    public void Read_SecondsOrDate_IsThePauseWithinBounds(string value, int seconds) =>
        Assert.That(RetryHint.Read(ResponseWith(value), Now), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("soon")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("")]
    public void Read_AnythingElse_IsNoHint(string value) => Assert.That(RetryHint.Read(ResponseWith(value), Now), Is.Null);

    [Test]
    public void Read_NoField_IsNoHint()
    {
        using var response = new HttpResponseMessage();
        Assert.That(RetryHint.Read(response, Now), Is.Null);
    }

    private static HttpResponseMessage ResponseWith(string value)
    {
        var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        response.Headers.TryAddWithoutValidation("Retry-After", value);
        return response;
    }
}
