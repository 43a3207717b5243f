using Mesh.Client.Discovery;
using Mesh.Client.Endpoints;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Timeouts;
using Mesh.Client.Tokens;
using Mesh.Client.Transport;
using Mesh.Client.Faults;
using Mesh.Faults;
using Mesh.Outcomes;
using Mesh.Routing;

namespace Mesh.Client.Calls;

/// <summary>What stays the same through all attempts of one call.</summary>
/// <param name="Service">The service whose endpoints are tried.</param>
/// <param name="Policy">Its policy when the call began: a reload does not change the rules in mid-call.</param>
/// <param name="Subset">The labels its endpoints must have, or <see langword="null"/> for all of them.</param>
/// <param name="Request">The request of the first attempt.</param>
/// <param name="AttemptTimeout">The time one attempt may take, before the deadline shortens it.</param>
/// <param name="Deadline">When the caller stops waiting.</param>
/// <param name="IsIdempotent">Whether sending the request twice does no harm.</param>
/// <param name="CanRepeat">Whether it is idempotent and its body can be sent again, or may come to be.</param>
/// <param name="Inspects">Whether the decision to repeat may need a look into the body of the answer.</param>
/// <param name="Criticality">How much the call matters, as the request being served does.</param>
/// <param name="Caller">The caller's own token.</param>
internal readonly record struct CallScope(
    ServiceTarget Service,
    ServicePolicy Policy,
    IReadOnlyDictionary<string, string>? Subset,
    HttpRequestMessage Request,
    TimeSpan AttemptTimeout,
    Deadline Deadline,
    bool IsIdempotent,
    bool CanRepeat,
    bool Inspects,
    Criticality Criticality,
    CancellationToken Caller)
{
    /// <summary>When it began, as a timestamp.</summary>
    public long Started { get; init; }

    /// <summary>Whether its first attempt begins later than the call itself.</summary>
    public bool HasWaited { get; init; }

    /// <summary>Where it goes, as the caller wrote it: the first attempt may write its endpoint there.</summary>
    public Uri Uri { get; init; } = Request.RequestUri!;

    /// <summary>Whether a second attempt may begin before the first has an answer.</summary>
    public bool MayHedge { get; init; }

    /// <summary>Whether the body of its answer is passed on by somebody who watches over it.</summary>
    public bool IsRelayed { get; init; }

    /// <summary>The endpoint it would like to have, and where the one it got is to be told; or <see langword="null"/>.</summary>
    public EndpointAffinity? Affinity { get; init; }

    /// <summary>Where its access token comes from, or <see langword="null"/>.</summary>
    public ServiceTokens? Tokens { get; init; }

    /// <summary>What its attempts may suffer on purpose, or <see langword="null"/>.</summary>
    public FaultPolicy? Fault { get; init; }

    /// <summary>The access token its attempts carry, or <see langword="null"/>.</summary>
    public HeldToken? Token { get; init; }

    /// <summary>When all of it is over, if it is gRPC.</summary>
    public GrpcDeadline? Grpc { get; init; }

    /// <summary>The body, where it has to be kept to be sent again, or <see langword="null"/>.</summary>
    public RecordedBody? Body { get; init; }

    /// <summary>Whether another attempt can be made at this moment: <see cref="CanRepeat"/>, and the body is there.</summary>
    public bool CanRepeatNow => CanRepeat && Body is not { IsReady: false };

    /// <summary>The endpoints there are at this moment.</summary>
    public EndpointSet Endpoints => Subset is { } labels ? Service.Endpoints.Subset(labels) : Service.Endpoints;

    /// <summary>What holds for a call that begins now.</summary>
    public static CallScope Begin(ServiceTarget service, RouteRule? rule, RouteBackend? backend, HttpRequestMessage request, TimeProvider time, CancellationToken caller)
    {
        var policy = service.Policy.Under(rule);
        var fault = rule?.Fault ?? policy.Fault;
        if (fault is { FromHeaders: true })
        {
            fault = FaultOrders.Take(fault, ref request);
        }

        if (policy.PlaintextHttp2 && service.Endpoints.Scheme == Uri.UriSchemeHttp)
        {
            PlaintextHttp2.Demand(request);
        }

        var started = time.GetTimestamp();
        var context = MeshContext.Current;
        var idempotent = RequestIdempotency.IsIdempotent(request) || policy.Retry.Idempotent?.Contains(request) == true;
        var tokens = service.Tokens;
        var body = RecordedBody.For(request, idempotent, tokens is { CanRenew: true }, policy);
        var canRepeat = idempotent && (body is not null || RequestCopy.IsReplayable(request.Content));
        var inherited = context is null ? default : context.Deadline.Minus(policy.DeadlineReserve, time);
        var grpc = GrpcDeadline.Of(request, context is null ? default : context.End.Minus(policy.DeadlineReserve, time), time);
        var timeout = rule?.RequestTimeout ?? context?.CallTimeout ?? policy.Timeout;
        return new CallScope(
            service,
            policy,
            backend?.Subset,
            request,
            rule?.BackendTimeout ?? context?.AttemptTimeout ?? policy.AttemptTimeout,
            Deadline.Earliest(Deadline.Earliest(Deadline.After(timeout, started, time), inherited), grpc?.End ?? Deadline.None),
            idempotent,
            canRepeat,
            canRepeat && ResponseInspection.IsNeeded(request, policy.Retry),
            context?.Criticality ?? default,
            caller)
        {
            Started = started,
            Affinity = context?.Affinity,
            IsRelayed = context?.Route is { RelaysBodies: true } && !policy.SaysBodyIdleTimeout,
            Tokens = tokens,
            Fault = fault,
            Body = body,
            Grpc = grpc,

            // Nobody hedges what the service above repeats already.
            MayHedge = canRepeat && policy.Hedging.IsOn && context is not { Attempt: > 1 },
        };
    }
}
