using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Ejection;
using Mesh.Client.Retry;
using Mesh.Client.Transport;
using Mesh.Routing;

namespace Mesh.Client.Policy;

/// <summary>How one service is called: the compiled, immutable form of <see cref="ServiceOptions"/> over the defaults.</summary>
internal sealed class ServicePolicy
{
    public required string Name { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan AttemptTimeout { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>Infinite where switched off.</summary>
    public required TimeSpan BodyIdleTimeout { get; init; }

    public required BalancingPolicy Balancing { get; init; }

    /// <summary>What requests stick to an endpoint by, or <see langword="null"/> where the balancing policy does not ask.</summary>
    public required RequestHash? Hash { get; init; }

    public required RetryPolicy Retry { get; init; }

    public required RetryPipeline RetryPipeline { get; init; }

    public required EjectionPolicy Ejection { get; init; }

    public required ClientTlsMode TlsMode { get; init; }

    public required PeerMatcher Peers { get; init; }

    public required TimeSpan MaxConnectionAge { get; init; }

    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>The service's route rules, or <see langword="null"/> when it has none: most have none.</summary>
    public required RouteTable? Routes { get; init; }
}
