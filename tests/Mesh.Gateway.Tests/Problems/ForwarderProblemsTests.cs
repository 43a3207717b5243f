using Mesh.Client.Calls;
using Mesh.Gateway.Problems;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Tests.Problems;

public sealed class ForwarderProblemsTests
{
    private static IEnumerable<TestCaseData> Failures()
    {
        yield return Case(ForwarderError.Request, new HttpRequestException(HttpRequestError.ConnectionError), 502);
        yield return Case(ForwarderError.Request, new HttpRequestException("", new TimeoutException()), 504);
        yield return Case(ForwarderError.RequestTimedOut, null, 504);
        yield return Case(ForwarderError.UpgradeActivityTimeout, null, 504);
        yield return Case(ForwarderError.RequestBodyClient, new AggregateException(new BadHttpRequestException("", 413), new IOException()), 413);
        yield return Case(ForwarderError.RequestBodyClient, new IOException("", new BadHttpRequestException("", 408)), 408);
        yield return Case(ForwarderError.RequestBodyClient, new AggregateException(new IOException("", new OverflowException())), 400);
        yield return Case(ForwarderError.RequestBodyClient, new AggregateException(new IOException("", new TimeoutException())), 504);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.NoEndpoints, ""), 503);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.CircuitOpen, ""), 503);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.Throttled, ""), 503);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.LimitReached, ""), 503);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.UnknownService, ""), 503);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.NoRoute, ""), 404);
        yield return Case(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.NoBackend, ""), 500);
        yield return Case(ForwarderError.ResponseBodyDestination, null, 502);

        static TestCaseData Case(ForwarderError error, Exception? exception, int status) => new TestCaseData(error, exception).Returns(status);
    }

    [TestCaseSource(nameof(Failures))]
    public int Explain_Failure_SaysWhoseFaultItIs(ForwarderError error, Exception? exception) => ForwarderProblems.Explain(error, exception).Status;

    [Test]
    public void Explain_RejectionWithAPause_PassesItOn() => Assert.That(
        ForwarderProblems.Explain(ForwarderError.Request, new MeshRejectedException("a", RejectionReason.NoEndpoints, "", TimeSpan.FromSeconds(3))).RetryAfter,
        Is.EqualTo(TimeSpan.FromSeconds(3)));

    [TestCase(RejectionReason.CircuitOpen, "held-back")]
    [TestCase(RejectionReason.LimitReached, "held-back")]
    [TestCase(RejectionReason.NoEndpoints, "no-endpoint")]
    public void Explain_CallNotMade_SaysWhetherThereIsAnybody(RejectionReason reason, string expected) =>
        Assert.That(ForwarderProblems.Explain(ForwarderError.Request, new MeshRejectedException("a", reason, "")).Reason, Is.EqualTo(expected));
}
