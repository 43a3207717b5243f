using System.Security.Authentication;
using System.Runtime.CompilerServices;
using Mesh.Client.Balancing;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Ejection;
using Mesh.Client.HealthChecks;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Retry;
using Mesh.Client.Throttling;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Faults;
using Mesh.Routing;

namespace Mesh.Client.Policy;

/// <summary>How one service is called: the compiled, immutable form of <see cref="ServiceOptions"/> over the defaults.</summary>
internal sealed record ServicePolicy
{
    private readonly ConditionalWeakTable<RouteRule, ServicePolicy> _underRules = [];

    public required string Name { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan AttemptTimeout { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan DeadlineReserve { get; init; }

    /// <summary>Whether endpoints without TLS are spoken to in HTTP/2.</summary>
    public required bool PlaintextHttp2 { get; init; }

    /// <summary>Infinite where switched off.</summary>
    public required TimeSpan BodyIdleTimeout { get; init; }

    /// <summary>Whether somebody has said so, and it is not the default.</summary>
    public required bool SaysBodyIdleTimeout { get; init; }

    public required BalancingPolicy Balancing { get; init; }

    /// <summary>What requests stick to an endpoint by, or <see langword="null"/> where the balancing policy does not ask.</summary>
    public required RequestHash? Hash { get; init; }

    public required RetryPolicy Retry { get; init; }

    public required RetryPipeline RetryPipeline { get; init; }

    public required HedgingPolicy Hedging { get; init; }

    public required EjectionPolicy Ejection { get; init; }

    /// <summary>How endpoints are checked, or <see langword="null"/> where they are not.</summary>
    public required HealthCheckPolicy? HealthCheck { get; init; }

    /// <summary>When its circuit opens, or <see langword="null"/> for never.</summary>
    public required CircuitBreakerPolicy? CircuitBreaker { get; init; }

    /// <summary>When calls are held back, or <see langword="null"/> for never.</summary>
    public required ThrottlingPolicy? Throttling { get; init; }

    public required ClientLimitsPolicy Limits { get; init; }

    public required ClientTlsMode TlsMode { get; init; }

    public required PeerMatcher Peers { get; init; }

    public required bool AllowPlaintext { get; init; }

    /// <summary>The versions of TLS that are spoken.</summary>
    public required SslProtocols TlsProtocols { get; init; }

    public required TimeSpan MaxConnectionAge { get; init; }

    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>What is put into its calls on purpose where no rule says something else, or <see langword="null"/>.</summary>
    public required FaultPolicy? Fault { get; init; }

    /// <summary>The access token its calls carry, or <see langword="null"/>.</summary>
    public AccessTokenPolicy? AccessToken { get; init; }

    /// <summary>The service's route rules, or <see langword="null"/> when it has none: most have none.</summary>
    public required RouteTable? Routes { get; init; }

    /// <summary>The same with what a rule says about repetitions and hedges; made once.</summary>
    public ServicePolicy Under(RouteRule? rule) => rule is null or { Retry: null, Hedging: null } ? this : _underRules.GetValue(rule, CreateUnder);

    private ServicePolicy CreateUnder(RouteRule rule)
    {
        var hedging = rule.Hedging is { } hedges ? Hedging.Under(hedges) : Hedging;
        if (rule.Retry is null)
        {
            return this with { Hedging = hedging };
        }

        var retry = Retry.Under(rule.Retry);
        return this with { Retry = retry, RetryPipeline = RetryPipeline.With(retry), Hedging = hedging };
    }
}
