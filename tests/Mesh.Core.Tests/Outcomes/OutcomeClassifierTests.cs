using System.Net;
using System.Net.Sockets;
using Mesh.Outcomes;

namespace Mesh.Core.Tests.Outcomes;

public sealed class OutcomeClassifierTests
{
    [TestCase(200, ExpectedResult = CallOutcome.Success)]
    [TestCase(204, ExpectedResult = CallOutcome.Success)]
    [TestCase(301, ExpectedResult = CallOutcome.Success)]
    [TestCase(400, ExpectedResult = CallOutcome.Success)]
    [TestCase(401, ExpectedResult = CallOutcome.Success)]
    [TestCase(404, ExpectedResult = CallOutcome.Success)]
    [TestCase(408, ExpectedResult = CallOutcome.Failure)]
    [TestCase(409, ExpectedResult = CallOutcome.Success)]
    [TestCase(429, ExpectedResult = CallOutcome.Overload)]
    [TestCase(500, ExpectedResult = CallOutcome.Failure)]
    [TestCase(501, ExpectedResult = CallOutcome.Success)]
    [TestCase(502, ExpectedResult = CallOutcome.Failure)]
    [TestCase(503, ExpectedResult = CallOutcome.Failure)]
    [TestCase(504, ExpectedResult = CallOutcome.Failure)]
    [TestCase(505, ExpectedResult = CallOutcome.Success)]
    [TestCase(599, ExpectedResult = CallOutcome.Failure)]
    public CallOutcome Classify_Status(int status)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        return OutcomeClassifier.Classify(response);
    }

    [Test]
    public void Classify_UnavailableWithRetryAfter_IsOverload()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { { "Retry-After", "1" } } };
        Assert.That(OutcomeClassifier.Classify(response), Is.EqualTo(CallOutcome.Overload));
    }

    [TestCase("0", ExpectedResult = CallOutcome.Success)]
    [TestCase("2", ExpectedResult = CallOutcome.Failure)]
    [TestCase("4", ExpectedResult = CallOutcome.Failure)]
    [TestCase("5", ExpectedResult = CallOutcome.Success)]
    [TestCase("8", ExpectedResult = CallOutcome.Overload)]
    [TestCase("13", ExpectedResult = CallOutcome.Failure)]
    [TestCase("14", ExpectedResult = CallOutcome.Failure)]
    [TestCase("15", ExpectedResult = CallOutcome.Failure)]
    [TestCase("16", ExpectedResult = CallOutcome.Success)]
    public CallOutcome Classify_GrpcTrailersOnly(string status)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK);
        response.Headers.TryAddWithoutValidation("grpc-status", status);
        return OutcomeClassifier.Classify(response);
    }

    [TestCase(HttpRequestError.ConnectionError, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(HttpRequestError.NameResolutionError, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(HttpRequestError.SecureConnectionError, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(HttpRequestError.ProxyTunnelError, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(HttpRequestError.VersionNegotiationError, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(HttpRequestError.ResponseEnded, ExpectedResult = CallOutcome.Failure)]
    [TestCase(HttpRequestError.InvalidResponse, ExpectedResult = CallOutcome.Failure)]
    [TestCase(HttpRequestError.Unknown, ExpectedResult = CallOutcome.Failure)]
    [TestCase(HttpRequestError.HttpProtocolError, ExpectedResult = CallOutcome.Failure)]
    public CallOutcome Classify_TransportError(HttpRequestError error) =>
        OutcomeClassifier.Classify(new HttpRequestException(error, inner: new SocketException()), CancellationToken.None);

    [TestCase(0x7, ExpectedResult = CallOutcome.NotSent)]
    [TestCase(0x8, ExpectedResult = CallOutcome.Failure)]
    [TestCase(0x2, ExpectedResult = CallOutcome.Failure)]
    public CallOutcome Classify_Http2Reset(int code) => OutcomeClassifier.Classify(
        new HttpRequestException(HttpRequestError.HttpProtocolError, inner: new HttpProtocolException(code, "reset", null)),
        CancellationToken.None);

    [Test]
    public void Classify_Cancellation_IsTheCallersOnlyWhenItsTokenSaysSo()
    {
        var caller = new CancellationToken(canceled: true);
        Assert.Multiple(() =>
        {
            Assert.That(OutcomeClassifier.Classify(new TaskCanceledException(), caller), Is.EqualTo(CallOutcome.CancelledByCaller));
            Assert.That(OutcomeClassifier.Classify(new TaskCanceledException("", new TimeoutException()), CancellationToken.None), Is.EqualTo(CallOutcome.Failure));
            Assert.That(OutcomeClassifier.Classify(new HttpRequestException(HttpRequestError.ResponseEnded), caller), Is.EqualTo(CallOutcome.Failure));
            Assert.That(OutcomeClassifier.Classify(new IOException(), CancellationToken.None), Is.EqualTo(CallOutcome.Failure));
        });
    }
}
