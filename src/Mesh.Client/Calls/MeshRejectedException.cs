using Mesh.Client.Limits;
using Mesh.Client.Tokens;

namespace Mesh.Client.Calls;

/// <summary>The mesh refused a call. A <see cref="HttpRequestException"/>, so that existing catch blocks see it.</summary>
public sealed class MeshRejectedException : HttpRequestException
{
    /// <summary>Creates it.</summary>
    /// <param name="service">The service that was called.</param>
    /// <param name="reason">Why the call was refused.</param>
    /// <param name="message">What was asked, what was found and what to do.</param>
    /// <param name="retryAfter">When to come again, if that is known.</param>
    public MeshRejectedException(string service, RejectionReason reason, string message, TimeSpan? retryAfter = null)
        : base(HttpRequestError.Unknown, message)
    {
        Service = service;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    private MeshRejectedException(string service, RejectionReason reason, string message, TimeSpan? retryAfter, Exception? cause)
        : base(HttpRequestError.Unknown, message, cause)
    {
        Service = service;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    /// <summary>The service that was called.</summary>
    public string Service { get; }

    /// <summary>Why the call was refused.</summary>
    public RejectionReason Reason { get; }

    /// <summary>When to come again, or <see langword="null"/> when that is not known.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static MeshRejectedException NoEndpoints(string service, IReadOnlyDictionary<string, string>? subset) => new(
        service,
        RejectionReason.NoEndpoints,
        subset is not null
            ? $"No endpoint of service '{service}' has the labels of the rule's subset: {string.Join(", ", subset.Select(static label => $"{label.Key}={label.Value}"))}. They are metadata of the endpoints, from discovery or beside the address."
            : $"Service '{service}' has no endpoints. Add addresses under Services:{service}:https (or :http), or register a discovery provider that knows it.");

    internal static MeshRejectedException NoneInRotation(string service, int endpoints) => new(
        service,
        RejectionReason.NoEndpoints,
        $"None of the {endpoints} endpoints of service '{service}' is in rotation: they are ejected or fail their health checks. With a LoadBalancing:PanicThreshold above 0 they would be called nevertheless.");

    internal static MeshRejectedException Unknown(string service) => new(
        service,
        RejectionReason.UnknownService,
        $"No discovery provider knows '{service}', and Mesh:Client:UnknownServices is Reject. Add addresses under Services:{service}:https, or set it to PassThrough.");

    internal static MeshRejectedException DiscoveryFailed(string service) => new(
        service,
        RejectionReason.DiscoveryFailed,
        $"Discovery failed before it could say whether it knows '{service}' (the log says why); the next call asks it again.");

    internal static MeshRejectedException NoToken(string service, TokenFailure failure, TimeSpan retryAfter, string path) => new(
        service,
        RejectionReason.NoAccessToken,
        $"No access token for service '{service}': {failure.Message} ({path})",
        retryAfter > TimeSpan.Zero ? retryAfter : null,
        failure.Cause);

    internal static MeshRejectedException NoCaller(string service, string source, string path) => new(
        service,
        RejectionReason.NoAccessToken,
        $"No access token for service '{service}': its source is {source}, and this call is not made while serving a request with a validated token. Call it from such a request, whose token Mesh:Server:Authentication accepts, or say in {path}:{nameof(AccessTokenOptions.WithoutCaller)} what else to do.");

    internal static MeshRejectedException TokenOverPlaintext(string service, string path) => new(
        service,
        RejectionReason.PlaintextForbidden,
        $"The access token for service '{service}' was not sent: its endpoints speak http and are not on this machine. Call them by https, or set {path}:{nameof(AccessTokenOptions.AllowPlaintext)}.");

    internal static MeshRejectedException CircuitOpen(string service, TimeSpan? openFor) => new(
        service,
        RejectionReason.CircuitOpen,
        $"The call was not made: too many calls to service '{service}' have failed lately. Its circuit breaker lets one through {(openFor is { } left ? $"in {left}" : "already, and waits for what becomes of it")} (CircuitBreaker).",
        openFor);

    internal static MeshRejectedException Throttled(string service) => new(
        service,
        RejectionReason.Throttled,
        $"The call was not made: service '{service}' refuses or fails so many calls that a part of them is held back (Throttling).");

    internal static MeshRejectedException TooManyCalls(string service, int? maxActive, int maxPending) => new(
        service,
        RejectionReason.LimitReached,
        $"The call was not made: this process makes {maxActive} calls of service '{service}' at a time, and {maxPending} may wait within their deadlines (Limits:MaxActive, MaxPending).");

    internal static MeshRejectedException EndpointsBusy(string service, EndpointLimit limit) => new(
        service,
        RejectionReason.LimitReached,
        $"The call was not made: every endpoint of service '{service}' has as many requests of this process in flight as it may have ({(limit.MaxActive < limit.MaxConnections ? $"Limits:MaxActivePerEndpoint {limit.MaxActive}" : $"Limits:MaxConnectionsPerEndpoint {limit.MaxConnections}")}).");

    internal static MeshRejectedException NoRoute(string service) => new(
        service,
        RejectionReason.NoRoute,
        $"Service '{service}' has route rules and none matches this request. Add a rule without matches for everything else.");

    internal static MeshRejectedException NoBackend(string service, string? rule) => new(
        service,
        RejectionReason.NoBackend,
        $"Rule '{rule ?? "(unnamed)"}' of service '{service}' matches and has no backend with a weight above 0.");
}
