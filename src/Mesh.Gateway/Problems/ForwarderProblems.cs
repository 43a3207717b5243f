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

        return error is ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout
            ? GatewayProblems.BackendTimedOut
            : GatewayProblems.BackendFailed;
    }
}
