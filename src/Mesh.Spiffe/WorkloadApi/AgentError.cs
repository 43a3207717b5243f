using Grpc.Core;

namespace Mesh.Spiffe;

/// <summary>What an agent's refusal means, in words.</summary>
internal static class AgentError
{
    public static string Describe(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.PermissionDenied => "it knows no identity for this process (PermissionDenied): is there a registration entry whose selectors match it?",
        StatusCode.Unavailable => $"it cannot be reached (Unavailable): is the agent running, and may this process open its socket? {Clean(exception.Status.Detail)}",
        StatusCode.Unimplemented => "it is no SPIFFE Workload API, or too old for this call (Unimplemented)",
        StatusCode.ResourceExhausted => $"its answer is too large (ResourceExhausted): {Clean(exception.Status.Detail)}",
        var other => $"it answered {other}: {Clean(exception.Status.Detail)}",
    };

    private static string Clean(string detail) =>
        string.Concat((detail.Length <= 256 ? detail : $"{detail[..256]}…").Select(static c => char.IsControl(c) ? ' ' : c));
}
