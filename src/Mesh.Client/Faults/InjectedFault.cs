using System.Net;
using Mesh.Client.Calls;
using Mesh.Client.Discovery;
using Mesh.Faults;
using Polly;

namespace Mesh.Client.Faults;

/// <summary>What one attempt is to suffer, and what it has.</summary>
internal sealed class InjectedFault(FaultPolicy policy, ServiceTarget service)
{
    public FaultPolicy Policy { get; } = policy;

    public ServiceTarget Service { get; } = service;

    /// <summary>What was put in so far.</summary>
    public FaultKinds Kinds { get; set; }

    public HttpRequestMessage? Request { get; set; }

    /// <summary>Whether the outcome and the latency of the attempt are of our making and say nothing about the endpoint.</summary>
    public bool HidesEndpoint => (Kinds & (FaultKinds.Delay | FaultKinds.Abort)) != FaultKinds.None;

    public bool IsInjected(FaultKinds kinds) => (Kinds & kinds) != FaultKinds.None;

    /// <summary>Draws the delay.</summary>
    public TimeSpan Delay()
    {
        Kinds |= FaultKinds.Delay;
        return Policy.Delay!.Value;
    }

    /// <summary>Makes what stands in for the answer.</summary>
    public Outcome<HttpResponseMessage> Abort()
    {
        Kinds |= FaultKinds.Abort;
        var abort = Policy.Abort!;
        return abort.Kind switch
        {
            FaultAbortKind.ConnectionError => Outcome.FromException<HttpResponseMessage>(new InjectedFaultException(Service.Name)),
            FaultAbortKind.GrpcStatus => Outcome.FromResult(GrpcAnswer.Create(abort.Status, "This failure was put in on purpose.", Request!)),
            _ => Outcome.FromResult(Answer(abort.Status, Request!)),
        };
    }

    private static HttpResponseMessage Answer(int status, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request, Version = request.Version };
        if (status >= 400 && request.Method != HttpMethod.Head)
        {
            response.Content = new StringContent(
                $$"""{"type":"urn:mesh:problem:injected-fault","title":"This failure was put in on purpose.","status":{{status}}}""",
                System.Text.Encoding.UTF8,
                "application/problem+json");
        }

        return response;
    }
}
