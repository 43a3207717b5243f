using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Of two endpoints the one whose peak-sensitive average latency, times what is in flight, is lower: the cost function of
/// Finagle's and Linkerd's <c>PeakEwma</c>.
/// </summary>
internal sealed record PeakEwmaPolicy() : BuiltInPolicy(LoadBalancingPolicies.PeakEwma)
{
    public override LoadBalancer Create(Endpoint[] endpoints, Random random) => new TwoChoicesBalancer<LatencyTimesActive>(endpoints, default);

    internal readonly struct LatencyTimesActive : IEndpointLoad
    {
        public double Of(Endpoint endpoint, double share, long now)
        {
            var latency = endpoint.PeakLatencyNanoseconds(now);
            var active = endpoint.Active;

            // Never measured and idle costs nothing: it gets one request. With that one in flight it costs more than
            // anything measured, until it has answered.
            return latency == 0 && active > 0
                ? PeakEwma.Unmeasured + active
                : latency * ((active / share) + 1);
        }
    }
}
