using System.Reflection;
using Mesh.Authorization;
using Mesh.Client.Balancing;
using Mesh.Client.Balancing.Hashing;
using Mesh.Client.Balancing.Locality;
using Mesh.Client.Balancing.SlowStart;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Discovery.Dns;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.HealthChecks;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Mirroring;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Throttling;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Faults;
using Mesh.Identity;
using Mesh.Limits;
using Mesh.Redis;
using Mesh.Gateway.Auth.Tokens;
using Mesh.Gateway.Caching;
using Mesh.Gateway.Consumers;
using Mesh.Gateway.Listeners;
using Mesh.Gateway.Login;
using Mesh.Gateway.Manifests;
using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;
using Mesh.Routing;
using Mesh.Routing.Auth;
using Mesh.Routing.Caching;
using Mesh.Routing.Compression;
using Mesh.Routing.Cors;
using Mesh.Routing.Grpc;
using Mesh.Routing.Listeners;
using Mesh.Routing.Sessions;
using Mesh.Server.Authentication;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Authorization;
using Mesh.Server.Draining;
using Mesh.Server.Limits;
using Mesh.Server.Faults;
using Mesh.Server.Forwarded;
using Mesh.Server.LoadShedding;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Mesh.Server.Tls;
using Mesh.Spiffe;

namespace Mesh.EndToEnd.Tests.Docs;

/// <summary>Every setting and every refusal has its line in the documentation.</summary>
public sealed class CompletenessTests
{
    private static readonly (string Page, Type[] Options)[] Pages =
    [
        ("docs/client.md", [typeof(MeshClientOptions), typeof(ServiceOptions), typeof(ClientTlsOptions)]),
        ("docs/outlier-detection.md", [typeof(EjectionOptions), typeof(SuccessRateOptions), typeof(FailurePercentageOptions), typeof(LatencyOutlierOptions)]),
        ("docs/health-checks.md", [typeof(HealthCheckOptions)]),
        ("docs/circuit-breaking.md", [typeof(CircuitBreakerOptions), typeof(ThrottlingOptions)]),
        ("docs/limits.md", [typeof(ClientLimitsOptions)]),
        ("docs/retries.md", [typeof(RetryOptions), typeof(RetryBudgetOptions)]),
        ("docs/tokens.md", [typeof(AccessTokenOptions)]),
        ("docs/hedging.md", [typeof(HedgingOptions)]),
        ("docs/timeouts.md", [typeof(RouteTimeoutsOptions)]),
        ("docs/balancing.md", [typeof(EndpointMetadata), typeof(LoadBalancingOptions), typeof(HashKeyOptions), typeof(SlowStartOptions), typeof(LocalityOptions)]),
        ("docs/discovery.md", [typeof(DnsDiscoveryOptions), typeof(DnsServiceOptions)]),
        ("docs/routing.md",
        [
            typeof(RouteOptions), typeof(RouteRuleOptions), typeof(RouteMatchOptions), typeof(PathMatchOptions), typeof(HeaderMatchOptions), typeof(QueryParamMatchOptions),
            typeof(RouteTimeoutsOptions), typeof(BackendRefOptions), typeof(RouteFilterOptions), typeof(HeaderModifierOptions), typeof(UrlRewriteOptions), typeof(PathRewriteOptions),
            typeof(RequestRedirectOptions), typeof(RequestMirrorOptions), typeof(RouteFractionOptions), typeof(DirectResponseOptions), typeof(RouteRetryOptions), typeof(RouteHedgingOptions), typeof(MirroringOptions),
            typeof(GrpcRouteOptions), typeof(GrpcRouteRuleOptions), typeof(GrpcRouteMatchOptions), typeof(GrpcMethodMatchOptions), typeof(CorsOptions), typeof(BodyLimitOptions), typeof(CompressionOptions), typeof(ParentRefOptions),
        ]),
        ("docs/gateway.md", [typeof(GatewayListenerOptions), typeof(SessionPersistenceOptions), typeof(SessionCookieOptions)]),
        ("docs/manifests.md", [typeof(ManifestOptions)]),
        ("docs/consumers.md", [typeof(ConsumerOptions), typeof(ConsumerTokenOptions), typeof(ConsumerCertificateOptions), typeof(PlanOptions), typeof(PlanRateLimitOptions), typeof(QuotaOptions), typeof(SharedQuotaOptions), typeof(UsageOptions)]),
        ("docs/caching.md", [typeof(CacheOptions), typeof(CacheStoreOptions)]),
        ("docs/gateway-authentication.md", [typeof(RouteAuthOptions), typeof(ClaimFieldOptions), typeof(BackendTokenOptions), typeof(InternalTokenOptions)]),
        ("docs/login.md", [typeof(LoginOptions)]),
        ("docs/faults.md", [typeof(FaultOptions), typeof(FaultDelayOptions), typeof(FaultAbortOptions), typeof(FaultBandwidthOptions), typeof(MeshFaultOptions), typeof(ServerFaultOptions)]),
        ("docs/server.md", [typeof(MeshServerOptions), typeof(DrainOptions), typeof(ServerTlsOptions), typeof(ServerPortOptions), typeof(ServerCertificateOptions), typeof(ForwardedCertificateOptions)]),
        ("docs/rate-limits.md", [typeof(RateLimitOptions), typeof(SharedRateLimitOptions), typeof(MeshRedisOptions)]),
        ("docs/authentication.md", [typeof(MeshAuthenticationOptions), typeof(JwtIssuerOptions), typeof(TokenHeaderOptions), typeof(ClaimHeaderOptions), typeof(IntrospectionOptions), typeof(ApiKeyAuthenticationOptions), typeof(ApiKeyConsumerOptions), typeof(ApiKeyEntryOptions)]),
        ("docs/authorization.md",
            [typeof(AuthorizationPolicyOptions), typeof(AuthorizationProviderOptions), typeof(AuthorizationRuleOptions), typeof(AuthorizationSourceOptions),
                typeof(AuthorizationOperationOptions), typeof(AuthorizationConditionOptions), typeof(AuthorizerOptions)]),
        ("docs/deadlines.md", [typeof(ServerLimitsOptions)]),
        ("docs/load-shedding.md", [typeof(LoadSheddingOptions), typeof(LoadSheddingRouteOptions)]),
        ("docs/identity.md", [typeof(MeshServiceOptions), typeof(MeshIdentityOptions), typeof(FileIdentityOptions), typeof(FederatedBundleOptions), typeof(WorkloadApiOptions)]),
    ];

    public static IEnumerable<TestCaseData> Settings() =>
        from page in Pages
        from type in page.Options
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        select new TestCaseData(page.Page, property.Name).SetArgDisplayNames($"{type.Name}.{property.Name}");

    public static IEnumerable<string> Reasons() =>
        new[] { typeof(MeshProblem).Assembly, typeof(Gateway.Routing.MeshGatewayOptions).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(static field => field.FieldType == typeof(MeshProblem))
            .Select(static field => ((MeshProblem)field.GetValue(null)!).Reason)
            .Distinct();

    [TestCaseSource(nameof(Settings))]
    public void Documentation_Setting_IsNamed(string page, string setting) =>
        Assert.That(Repository.Read(page), Does.Contain(setting));

    [TestCaseSource(nameof(Reasons))]
    public void Documentation_Reason_HasAnAnchor(string reason) =>
        Assert.That(Repository.Read("docs/problems.md"), Does.Contain($"<a id=\"{reason}\"></a>`{reason}`"));
}
