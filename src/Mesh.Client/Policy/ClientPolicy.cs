using System.Collections.Frozen;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Ejection;
using Mesh.Client.HealthChecks;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Mirroring;
using Mesh.Client.Retry;
using Mesh.Client.Throttling;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Identity;
using Mesh.Routing;

namespace Mesh.Client.Policy;

/// <summary>How every service is called: one immutable snapshot of the whole section <c>Mesh:Client</c>.</summary>
internal sealed class ClientPolicy
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DefaultDeadlineReserve = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DefaultBodyIdleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultMaxConnectionAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromMinutes(5);

    private readonly FrozenDictionary<string, ServicePolicy> _declared;
    private readonly ServiceOptions _defaults;
    private readonly PolicyContext _context;
    private readonly FaultPolicy? _fault;

    private ClientPolicy(MeshClientOptions options, FrozenDictionary<string, ServicePolicy> declared, FaultPolicy? fault, PolicyContext context)
    {
        _fault = fault;
        _declared = declared;
        _defaults = options.Defaults;
        _context = context;
        UnknownServices = options.UnknownServices;
        Mirroring = MirroringPolicy.Compile(options.Mirroring);
    }

    public UnknownServiceBehavior UnknownServices { get; }

    public MirroringPolicy Mirroring { get; }

    /// <summary>Validates and compiles the options; every error is added to <paramref name="errors"/>.</summary>
    public static ClientPolicy Compile(MeshClientOptions options, string path, ConfigurationErrors errors, PolicyContext context)
    {
        options.Defaults.Validate($"{path}:{nameof(options.Defaults)}", errors);
        options.Defaults.LoadBalancing.Validate($"{path}:{nameof(options.Defaults)}:{nameof(ServiceOptions.LoadBalancing)}", errors, context.Balancing.Catalog);
        if (options.Defaults.Rules.Count > 0)
        {
            errors.Add($"{path}:{nameof(options.Defaults)}:{nameof(ServiceOptions.Rules)}", "rules belong to a service, not to the defaults.");
        }

        AccessTokenCatalog.CheckDefaults(options.Defaults.AccessToken, $"{path}:{nameof(options.Defaults)}:{nameof(ServiceOptions.AccessToken)}", errors);
        var fault = CompileFault(options.Defaults, $"{path}:{nameof(options.Defaults)}", errors, context);
        options.Mirroring.Validate($"{path}:{nameof(options.Mirroring)}", errors);
        var declared = new Dictionary<string, ServicePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, service) in options.Services)
        {
            var servicePath = $"{path}:{nameof(options.Services)}:{name}";
            service.Validate(servicePath, errors);
            service.LoadBalancing.Validate($"{servicePath}:{nameof(ServiceOptions.LoadBalancing)}", errors, context.Balancing.Catalog);
            declared[name] = Compile(name, service, options.Defaults, CompileFault(service, servicePath, errors, context) ?? fault, servicePath, errors, context);
        }

        return new ClientPolicy(options, declared.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), fault, context);
    }

    /// <summary>Whether the configuration says anything about this service.</summary>
    public bool Declares(string service) => _declared.ContainsKey(WithoutEndpointName(service));

    /// <summary>The policy of a service; one that the configuration does not name has the defaults.</summary>
    public ServicePolicy For(string service)
    {
        var name = WithoutEndpointName(service);
        return _declared.GetValueOrDefault(name) ?? Compile(name, _defaults, _defaults, _fault, "", new ConfigurationErrors(), _context);
    }

    // "_admin.orders" are certain endpoints of the service orders, as service discovery writes them: same policy, same identity.
    private static string WithoutEndpointName(string service) => service.StartsWith('_') && service.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot
        ? service[(dot + 1)..]
        : service;

    private static ServicePolicy Compile(
        string name,
        ServiceOptions options,
        ServiceOptions defaults,
        FaultPolicy? fault,
        string path,
        ConfigurationErrors errors,
        PolicyContext context)
    {
        var timeout = options.Timeout ?? defaults.Timeout ?? DefaultTimeout;
        var attemptTimeout = options.AttemptTimeout ?? defaults.AttemptTimeout ?? DefaultAttemptTimeout;
        var retry = RetryPolicy.Compile(options.Retry, defaults.Retry);
        var idle = options.BodyIdleTimeout ?? defaults.BodyIdleTimeout ?? DefaultBodyIdleTimeout;
        var balancing = BalancingPolicy.Compile(options.LoadBalancing, defaults.LoadBalancing, context.Balancing);
        var routes = options.Rules.Count == 0 ? null : RouteTable.Compile(options.Rules, name, $"{path}:{nameof(ServiceOptions.Rules)}", errors);
        context.Faults.Check(routes, errors);
        return new ServicePolicy
        {
            Name = name,
            Timeout = timeout,
            AttemptTimeout = attemptTimeout < timeout ? attemptTimeout : timeout,
            ConnectTimeout = options.ConnectTimeout ?? defaults.ConnectTimeout ?? DefaultConnectTimeout,
            PlaintextHttp2 = options.PlaintextHttp2 ?? defaults.PlaintextHttp2 ?? false,
            DeadlineReserve = options.DeadlineReserve ?? defaults.DeadlineReserve ?? DefaultDeadlineReserve,
            SaysBodyIdleTimeout = (options.BodyIdleTimeout ?? defaults.BodyIdleTimeout) is not null,
            BodyIdleTimeout = idle > TimeSpan.Zero ? idle : System.Threading.Timeout.InfiniteTimeSpan,
            Balancing = balancing,
            Hash = balancing.Policy.UsesHash ? new RequestHash(options.LoadBalancing.HashKeys ?? defaults.LoadBalancing.HashKeys ?? [new HashKeyOptions()]) : null,
            Retry = retry,
            RetryPipeline = new RetryPipeline(retry, context.Time, context.Random),
            Hedging = HedgingPolicy.Compile(options.Hedging, defaults.Hedging),
            Ejection = EjectionPolicy.Compile(options.Ejection, defaults.Ejection),
            HealthCheck = HealthCheckPolicy.Compile(options.HealthCheck, defaults.HealthCheck),
            CircuitBreaker = CircuitBreakerPolicy.Compile(options.CircuitBreaker, defaults.CircuitBreaker),
            Throttling = ThrottlingPolicy.Compile(options.Throttling, defaults.Throttling),
            Limits = ClientLimitsPolicy.Compile(options.Limits, defaults.Limits),
            TlsMode = options.Tls.Mode ?? defaults.Tls.Mode ?? default,
            AllowPlaintext = options.Tls.AllowPlaintext ?? defaults.Tls.AllowPlaintext ?? true,
            TlsProtocols = (options.Tls.MinimumVersion ?? defaults.Tls.MinimumVersion ?? default).AndLater(),
            MaxConnectionAge = options.Tls.MaxConnectionAge ?? defaults.Tls.MaxConnectionAge ?? DefaultMaxConnectionAge,
            DrainTimeout = options.Tls.DrainTimeout ?? defaults.Tls.DrainTimeout ?? DefaultDrainTimeout,
            Peers = new PeerMatcher(options.Tls.AllowedPeers ?? defaults.Tls.AllowedPeers, context.Service.IdOf(name), context.Aliases),
            AccessToken = context.Tokens.Compile(name, options.AccessToken, defaults.AccessToken, $"{path}:{nameof(ServiceOptions.AccessToken)}", errors),
            Fault = fault,
            Routes = routes,
        };
    }

    private static FaultPolicy? CompileFault(ServiceOptions options, string path, ConfigurationErrors errors, PolicyContext context)
    {
        var fault = options.Fault is { } section ? FaultPolicy.Compile(section, $"{path}:{nameof(options.Fault)}", errors) : null;
        context.Faults.Check(fault, errors);
        return fault;
    }

    /// <summary>What compiling needs beside the options.</summary>
    internal sealed record PolicyContext(MeshServiceOptions Service, TimeProvider Time, Random Random)
    {
        public BalancingContext Balancing { get; init; } = new(Service, Time, Random, new PolicyCatalog([]));

        public FaultGuard Faults { get; init; } = new(environment: null, allowInProduction: false);

        public AccessTokenCatalog Tokens { get; init; } = new([], endpoint: null, isDevelopment: false);

        /// <summary>The names of this mesh.</summary>
        public TrustDomainAliases Aliases { get; init; } = new(Service.TrustDomain, Service.TrustDomainAliases ?? []);
    }
}
