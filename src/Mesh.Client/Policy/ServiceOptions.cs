using Mesh.Client.Balancing;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Ejection;
using Mesh.Client.HealthChecks;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Retry;
using Mesh.Client.Throttling;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Routing;

namespace Mesh.Client.Policy;

/// <summary>How one service is called. Every field left out falls back to the client's defaults, then to the value given here.</summary>
public sealed class ServiceOptions
{
    /// <summary>The time a call may take, with all its attempts, until response headers.</summary>
    /// <value>Default 10 seconds. The deadline of the request being served shortens it.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>The time one attempt may take until response headers.</summary>
    /// <value>Default 4 seconds, and never more than <see cref="Timeout"/>.</value>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>The time a new connection may take, TLS handshake included.</summary>
    /// <value>Default 3 seconds.</value>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>How long a response body may stand still. Event streams, gRPC and WebSockets are exempt; 0 switches it off.</summary>
    /// <value>Default 60 seconds.</value>
    public TimeSpan? BodyIdleTimeout { get; set; }

    /// <summary>
    /// What a call leaves of the deadline of the request being served, up to one minute: the time to do something with the
    /// answer. A call for which no more than that is left is not made.
    /// </summary>
    /// <value>Default 5 milliseconds.</value>
    public TimeSpan? DeadlineReserve { get; set; }

    /// <summary>
    /// Whether the service speaks HTTP/2 without TLS ("h2c", by prior knowledge), so that its <c>http://</c> endpoints are
    /// spoken to in nothing else. Over TLS both sides agree on HTTP/2 by themselves. A change of protocol, such as a WebSocket's
    /// handshake, still is HTTP/1.1.
    /// </summary>
    /// <value>Default <see langword="false"/>. gRPC calls need no such word.</value>
    public bool? PlaintextHttp2 { get; set; }

    /// <summary>How an endpoint is picked.</summary>
    public LoadBalancingOptions LoadBalancing { get; } = new();

    /// <summary>When a failed attempt is repeated.</summary>
    public RetryOptions Retry { get; } = new();

    /// <summary>When a second attempt is sent before the first has an answer. Off unless it says when.</summary>
    public HedgingOptions Hedging { get; } = new();

    /// <summary>When an endpoint is taken out of rotation.</summary>
    public EjectionOptions Ejection { get; } = new();

    /// <summary>Whether endpoints are asked how they are. Off unless it says so.</summary>
    public HealthCheckOptions HealthCheck { get; } = new();

    /// <summary>When calls fail at once because most of them would fail anyway. Off unless it says so.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; } = new();

    /// <summary>When calls are held back from a service that refuses them. Off unless it says so.</summary>
    public ThrottlingOptions Throttling { get; } = new();

    /// <summary>How much may be asked of the service at a time. No limits unless it says so.</summary>
    public ClientLimitsOptions Limits { get; } = new();

    /// <summary>Whom to expect on the other side of a connection.</summary>
    public ClientTlsOptions Tls { get; } = new();

    /// <summary>The access token its calls carry. Default none.</summary>
    public AccessTokenOptions AccessToken { get; } = new();

    /// <summary>What is put into its calls on purpose; a rule's own fault comes before it. Default none.</summary>
    public FaultOptions? Fault { get; set; }

    /// <summary>Route rules in the shape of the Gateway API's <c>HTTPRoute</c> (GAMMA): the first by precedence decides. Default none.</summary>
    public List<RouteRuleOptions> Rules { get; set; } = [];

    internal static void Read(ConfigurationReader reader, ServiceOptions options)
    {
        options.Timeout = reader.Duration(nameof(Timeout)) ?? options.Timeout;
        options.AttemptTimeout = reader.Duration(nameof(AttemptTimeout)) ?? options.AttemptTimeout;
        options.ConnectTimeout = reader.Duration(nameof(ConnectTimeout)) ?? options.ConnectTimeout;
        options.BodyIdleTimeout = reader.Duration(nameof(BodyIdleTimeout)) ?? options.BodyIdleTimeout;
        options.DeadlineReserve = reader.Duration(nameof(DeadlineReserve)) ?? options.DeadlineReserve;
        options.PlaintextHttp2 = reader.Boolean(nameof(PlaintextHttp2)) ?? options.PlaintextHttp2;
        reader.Section(nameof(LoadBalancing), options.LoadBalancing, LoadBalancingOptions.Read);
        reader.Section(nameof(Retry), options.Retry, RetryOptions.Read);
        reader.Section(nameof(Hedging), options.Hedging, HedgingOptions.Read);
        reader.Section(nameof(Ejection), options.Ejection, EjectionOptions.Read);
        reader.Section(nameof(HealthCheck), options.HealthCheck, HealthCheckOptions.Read);
        reader.Section(nameof(CircuitBreaker), options.CircuitBreaker, CircuitBreakerOptions.Read);
        reader.Section(nameof(Throttling), options.Throttling, ThrottlingOptions.Read);
        reader.Section(nameof(Limits), options.Limits, ClientLimitsOptions.Read);
        reader.Section(nameof(Tls), options.Tls, ClientTlsOptions.Read);
        reader.Section(nameof(AccessToken), options.AccessToken, AccessTokenOptions.Read);
        options.Fault = reader.SectionOrNull(nameof(Fault), options.Fault, FaultOptions.Read);
        options.Rules = reader.Sections<RouteRuleOptions>(nameof(Rules), RouteRuleOptions.Read) ?? options.Rules;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckDuration($"{path}:{nameof(Timeout)}", Timeout);
        errors.CheckDuration($"{path}:{nameof(AttemptTimeout)}", AttemptTimeout);
        errors.CheckDuration($"{path}:{nameof(ConnectTimeout)}", ConnectTimeout);
        if (BodyIdleTimeout is { } idle && (idle < TimeSpan.Zero || idle > TimeSpan.FromHours(24)))
        {
            errors.Add($"{path}:{nameof(BodyIdleTimeout)}", idle, "a duration up to 24 hours, or 0 for none");
        }

        if (DeadlineReserve is { } reserve && (reserve < TimeSpan.Zero || reserve > TimeSpan.FromMinutes(1)))
        {
            errors.Add($"{path}:{nameof(DeadlineReserve)}", reserve, "a duration up to 1 minute, or 0 for none");
        }

        if (AttemptTimeout > Timeout)
        {
            errors.Add($"{path}:{nameof(AttemptTimeout)}", AttemptTimeout, $"at most the Timeout of the same service, '{Timeout}'");
        }

        Retry.Validate($"{path}:{nameof(Retry)}", errors);
        Hedging.Validate($"{path}:{nameof(Hedging)}", errors);
        Ejection.Validate($"{path}:{nameof(Ejection)}", errors);
        HealthCheck.Validate($"{path}:{nameof(HealthCheck)}", errors);
        CircuitBreaker.Validate($"{path}:{nameof(CircuitBreaker)}", errors);
        Throttling.Validate($"{path}:{nameof(Throttling)}", errors);
        Limits.Validate($"{path}:{nameof(Limits)}", errors);
        Tls.Validate($"{path}:{nameof(Tls)}", errors);
        AccessToken.Validate($"{path}:{nameof(AccessToken)}", errors);
    }
}
