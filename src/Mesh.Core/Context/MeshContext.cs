using Mesh.Identity;
using Mesh.Routing;

namespace Mesh;

/// <summary>
/// What one inbound request passes on to the calls it causes. <c>UseMesh()</c> sets it once per request;
/// <c>Mesh.Client</c> reads it, so that a deadline reaches the whole call tree without any code in the application.
/// </summary>
public sealed class MeshContext
{
    // No time-out has this length. A Nullable would make every context 16 bytes larger.
    private static readonly TimeSpan Unset = TimeSpan.MinValue;
    private static readonly AsyncLocal<MeshContext?> Ambient = new();

    private Deadline _deadline;
    private Deadline _end;
    private bool _hasEnd;
    private volatile bool _hasRetried;
    private volatile CallerToken? _callerToken;
    private TimeSpan _callTimeout = Unset;
    private TimeSpan _attemptTimeout = Unset;

    /// <summary>The context of the request being served, or <see langword="null"/> outside one.</summary>
    public static MeshContext? Current => Ambient.Value;

    /// <summary>When the caller stops waiting. Default <see cref="Deadline.None"/>.</summary>
    public Deadline Deadline
    {
        get => _deadline;
        init => _deadline = value;
    }

    /// <summary>
    /// When the whole is over, the response to its last byte included; later than <see cref="Deadline"/> where that bounds
    /// the beginning of the response only. Calls that stream are bounded by it. Default: <see cref="Deadline"/>.
    /// </summary>
    public Deadline End
    {
        get => _hasEnd ? _end : _deadline;
        init => (_end, _hasEnd) = (value, true);
    }

    /// <summary>The verified identity of the calling service, or <see langword="null"/> when it showed none.</summary>
    public SpiffeId? Peer { get; init; }

    /// <summary>How much the request matters when there is too much to do. Calls made in this context say the same. Default <see cref="Criticality.Critical"/>.</summary>
    public Criticality Criticality { get; init; }

    /// <summary>Which attempt of the caller's this is; 1 is the first. Default 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// Whether a call made while serving this request has failed for good, after whatever repetitions it was due. The answer
    /// says so (<see cref="MeshHeaders.Retried"/>), so that retries of services one above the other do not multiply.
    /// </summary>
    public bool HasRetried => _hasRetried;

    /// <summary>
    /// The validated token of the request being served; <see langword="null"/> when it has none. Calls carry it to the
    /// services that are configured so. Default <see langword="null"/>.
    /// </summary>
    public CallerToken? CallerToken
    {
        get => _callerToken;
        init => _callerToken = value;
    }

    /// <summary>
    /// The time a call made in this context may take with all its attempts; takes the place of the service's own
    /// time-out. A gateway sets it from the route. Default <see langword="null"/>: the service's policy decides.
    /// </summary>
    public TimeSpan? CallTimeout
    {
        get => _callTimeout == Unset ? null : _callTimeout;
        init => _callTimeout = value ?? Unset;
    }

    /// <summary>The same for one attempt.</summary>
    public TimeSpan? AttemptTimeout
    {
        get => _attemptTimeout == Unset ? null : _attemptTimeout;
        init => _attemptTimeout = value ?? Unset;
    }

    /// <summary>
    /// What a gateway has decided for the call it makes in this context: the client carries out what the rule says about
    /// calls (mirrors, repetitions, time-outs, the subset) and asks its own rules for that service no more. Default
    /// <see langword="null"/>: they decide.
    /// </summary>
    public RouteChoice? Route { get; private set; }

    /// <summary>The endpoint that calls made in this context would like to have. Default <see langword="null"/>: they have no wish.</summary>
    public EndpointAffinity? Affinity { get; set; }

    /// <summary>Says where the request being served goes, and within which time. A gateway does, before it makes its call.</summary>
    /// <param name="route">The rule and its backend.</param>
    /// <param name="callTimeout"><see cref="CallTimeout"/>.</param>
    /// <param name="attemptTimeout"><see cref="AttemptTimeout"/>.</param>
    public void Choose(RouteChoice route, TimeSpan? callTimeout, TimeSpan? attemptTimeout)
    {
        ArgumentNullException.ThrowIfNull(route);
        (Route, _callTimeout, _attemptTimeout) = (route, callTimeout ?? Unset, attemptTimeout ?? Unset);
    }

    /// <summary>
    /// Puts another deadline in the place of the one there was: the caller has what that was for, the beginning of the
    /// response, and waits for the rest as long as an event stream takes; or the endpoint that was chosen has a time of its own.
    /// </summary>
    public void ContinueUntil(Deadline deadline) => _deadline = deadline;

    /// <summary>
    /// Says whose request is being served, once that is known. <c>UseMesh()</c> does it for the tokens it validates; an
    /// application that validates tokens in another way may do it for those.
    /// </summary>
    public void Accept(CallerToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        _callerToken = token;
    }

    /// <summary>The same, and when the whole is over.</summary>
    public void ContinueUntil(Deadline deadline, Deadline end) => (_deadline, _end, _hasEnd) = (deadline, end, true);

    /// <summary>Tells that a call made in this context has failed and its repetitions were this process's affair.</summary>
    public void MarkRetried() => _hasRetried = true;

    /// <summary>
    /// Makes <paramref name="context"/> the current one until the result is disposed. Meant for servers, workers that
    /// take a deadline from a queue message, and tests.
    /// </summary>
    public static IDisposable Use(MeshContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var previous = Ambient.Value;
        Ambient.Value = context;
        return previous is null ? Restore.Nothing : new Restore(previous);
    }

    private sealed class Restore(MeshContext? previous) : IDisposable
    {
        // A server is outside any context when a request comes in, so this is the one that every request needs.
        public static Restore Nothing { get; } = new(null);

        public void Dispose() => Ambient.Value = previous;
    }
}
