using Mesh.Client.Calls;
using Mesh.Client.Faults;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Problems;

/// <summary>Says what a failed forwarding means to the caller. Exceptions stay inside: their messages name addresses.</summary>
internal static class ForwarderProblems
{
    public static MeshProblem Explain(ForwarderError error, Exception? exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case MeshRejectedException { Reason: RejectionReason.NoRoute }:
                    return GatewayProblems.NoRoute;
                case MeshRejectedException { Reason: RejectionReason.NoBackend }:
                    return GatewayProblems.NoBackend;
                case MeshRejectedException { Reason: RejectionReason.CircuitOpen or RejectionReason.Throttled or RejectionReason.LimitReached } held:
                    return GatewayProblems.HeldBack(held.RetryAfter);
                case MeshRejectedException rejected:
                    return GatewayProblems.NoEndpoint(rejected.RetryAfter);
                case InjectedFaultException:
                    return GatewayProblems.InjectedFault;
                case BadHttpRequestException bad:
                    return GatewayProblems.BadBody(bad.StatusCode);
                case TimeoutException:
                    return GatewayProblems.BackendTimedOut;
                default:
                    break;
            }
        }

        return error switch
        {
            ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => GatewayProblems.BackendTimedOut,

            // Kestrel has no word of its own for some bodies that it cannot read.
            ForwarderError.RequestBodyClient => GatewayProblems.BadBody(StatusCodes.Status400BadRequest),
            _ => GatewayProblems.BackendFailed,
        };
    }
}
