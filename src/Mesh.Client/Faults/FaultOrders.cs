using Mesh.Client.Retry;
using Mesh.Faults;

namespace Mesh.Client.Faults;

/// <summary>Reads the faults that requests order for themselves.</summary>
internal static class FaultOrders
{
    private static readonly string[] Names =
    [
        MeshHeaders.FaultDelay, MeshHeaders.FaultDelayPercent,
        MeshHeaders.FaultAbort, MeshHeaders.FaultAbortPercent,
        MeshHeaders.FaultBandwidth, MeshHeaders.FaultBandwidthPercent,
    ];

    /// <summary>
    /// What holds for a request. An order that is carried out is not sent on: the callee would carry it out once more. The
    /// caller's message stays as it is.
    /// </summary>
    public static FaultPolicy Take(FaultPolicy policy, ref HttpRequestMessage request)
    {
        var ordered = policy.For(new RequestHeaders(request));
        if (ordered != policy)
        {
            request = RequestCopy.Of(request);
            foreach (var name in Names)
            {
                request.Headers.Remove(name);
            }
        }

        return ordered;
    }

    private readonly struct RequestHeaders(HttpRequestMessage request) : IFaultHeaders
    {
        public string? Find(string name) => request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
    }
}
