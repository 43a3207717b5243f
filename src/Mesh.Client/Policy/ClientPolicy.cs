using System.Collections.Frozen;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Ejection;
using Mesh.Client.Retry;
using Mesh.Client.Transport;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Routing;

namespace Mesh.Client.Policy;

/// <summary>How every service is called: one immutable snapshot of the whole section <c>Mesh:Client</c>.</summary>
internal sealed class ClientPolicy
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultAttemptTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DefaultBodyIdleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultMaxConnectionAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromMinutes(5);

    private readonly FrozenDictionary<string, ServicePolicy> _declared;
    private readonly ServiceOptions _defaults;
    private readonly PolicyContext _context;

    private ClientPolicy(MeshClientOptions options, FrozenDictionary<string, ServicePolicy> declared, PolicyContext context)
    {
        _declared = declared;
        _defaults = options.Defaults;
        _context = context;
        UnknownServices = options.UnknownServices;
    }

    public UnknownServiceBehavior UnknownServices { get; }

    /// <summary>Validates and compiles the options; every error is added to <paramref name="errors"/>.</summary>
    public static ClientPolicy Compile(MeshClientOptions options, string path, ConfigurationErrors errors, PolicyContext context)
    {
        options.Defaults.Validate($"{path}:{nameof(options.Defaults)}", errors);
        options.Defaults.LoadBalancing.Validate($"{path}:{nameof(options.Defaults)}:{nameof(ServiceOptions.LoadBalancing)}", errors, context.Balancing.Catalog);
        if (options.Defaults.Rules.Count > 0)
        {
            errors.Add($"{path}:{nameof(options.Defaults)}:{nameof(ServiceOptions.Rules)}", "rules belong to a service, not to the defaults.");
        }

        var declared = new Dictionary<string, ServicePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, service) in options.Services)
        {
            var servicePath = $"{path}:{nameof(options.Services)}:{name}";
            service.Validate(servicePath, errors);
            service.LoadBalancing.Validate($"{servicePath}:{nameof(ServiceOptions.LoadBalancing)}", errors, context.Balancing.Catalog);
            declared[name] = Compile(name, service, options.Defaults, servicePath, errors, context);
        }

        return new ClientPolicy(options, declared.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), context);
    }

    /// <summary>Whether the configuration says anything about this service.</summary>
    public bool Declares(string service) => _declared.ContainsKey(WithoutEndpointName(service));

    /// <summary>The policy of a service; one that the configuration does not name has the defaults.</summary>
    public ServicePolicy For(string service)
    {
        var name = WithoutEndpointName(service);
        return _declared.GetValueOrDefault(name) ?? Compile(name, _defaults, _defaults, "", new ConfigurationErrors(), _context);
    }

    // "_admin.orders" are certain endpoints of the service orders, as service discovery writes them: same policy, same identity.
    private static string WithoutEndpointName(string service) => service.StartsWith('_') && service.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot
        ? service[(dot + 1)..]
        : service;

    private static ServicePolicy Compile(
        string name,
        ServiceOptions options,
        ServiceOptions defaults,
        string path,
        ConfigurationErrors errors,
        PolicyContext context)
    {
        var timeout = options.Timeout ?? defaults.Timeout ?? DefaultTimeout;
        var attemptTimeout = options.AttemptTimeout ?? defaults.AttemptTimeout ?? DefaultAttemptTimeout;
        var retry = RetryPolicy.Compile(options.Retry, defaults.Retry);
        var idle = options.BodyIdleTimeout ?? defaults.BodyIdleTimeout ?? DefaultBodyIdleTimeout;
        var balancing = BalancingPolicy.Compile(options.LoadBalancing, defaults.LoadBalancing, context.Balancing);
        return new ServicePolicy
        {
            Name = name,
            Timeout = timeout,
            AttemptTimeout = attemptTimeout < timeout ? attemptTimeout : timeout,
            ConnectTimeout = options.ConnectTimeout ?? defaults.ConnectTimeout ?? DefaultConnectTimeout,
            BodyIdleTimeout = idle > TimeSpan.Zero ? idle : System.Threading.Timeout.InfiniteTimeSpan,
            Balancing = balancing,
            Hash = balancing.Policy.UsesHash ? new RequestHash(options.LoadBalancing.HashKeys ?? defaults.LoadBalancing.HashKeys ?? [new HashKeyOptions()]) : null,
            Retry = retry,
            RetryPipeline = new RetryPipeline(retry, context.Time, context.Random),
            Ejection = EjectionPolicy.Compile(options.Ejection, defaults.Ejection),
            TlsMode = options.Tls.Mode ?? defaults.Tls.Mode ?? default,
            MaxConnectionAge = options.Tls.MaxConnectionAge ?? defaults.Tls.MaxConnectionAge ?? DefaultMaxConnectionAge,
            DrainTimeout = options.Tls.DrainTimeout ?? defaults.Tls.DrainTimeout ?? DefaultDrainTimeout,
            Peers = new PeerMatcher(options.Tls.AllowedPeers ?? defaults.Tls.AllowedPeers, context.Service.IdOf(name), context.Aliases),
            Routes = options.Rules.Count == 0 ? null : RouteTable.Compile(options.Rules, name, $"{path}:{nameof(ServiceOptions.Rules)}", errors),
        };
    }

    /// <summary>What compiling needs beside the options.</summary>
    internal sealed record PolicyContext(MeshServiceOptions Service, TimeProvider Time, Random Random)
    {
        public BalancingContext Balancing { get; init; } = new(Service, Time, Random, new PolicyCatalog([]));

        /// <summary>The names of this mesh.</summary>
        public TrustDomainAliases Aliases { get; init; } = new(Service.TrustDomain, Service.TrustDomainAliases ?? []);
    }
}
