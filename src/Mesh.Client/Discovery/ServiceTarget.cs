using Mesh.Client.Calls;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.HealthChecks;
using Mesh.Client.Hedging;
using Mesh.Client.Limits;
using Mesh.Client.Policy;
using Mesh.Client.Retry;
using Mesh.Client.Telemetry;
using Mesh.Client.Tokens;
using Mesh.Outcomes;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>
/// A service this process calls: its policy and endpoints in force, and the state that survives changes of both.
/// </summary>
internal sealed partial class ServiceTarget
{
    private readonly MeshClientTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Lock _changing = new();
    private volatile ServicePolicy _policy;
    private volatile EndpointSet _endpoints;
    private volatile RetryBudget _budget;
    private volatile ServiceTokens? _tokens;
    private volatile ServiceGate? _gate;
    private volatile CallSlots? _slots;
    private volatile bool _isKnown;
    private long _checkedAt;
    private long _retries;
    private long _hedges;
    private long _refused;

    public ServiceTarget(string scheme, string name, int? port, ServicePolicy policy, MeshClientTelemetry telemetry, ILogger logger, TimeProvider time, Random random)
    {
        Scheme = scheme;
        Name = name;
        Port = port;
        _telemetry = telemetry;
        _logger = logger;
        _time = time;
        _random = random;
        _policy = policy;
        _tokens = TokensOf(policy);
        _gate = ServiceGate.Create(policy, before: null, time, random);
        _slots = SlotsOf(policy);
        _budget = new RetryBudget(policy.Retry.Budget, time);
        Ledger = new EjectionLedger(time, random);
        Ledger.UseChecks(policy.HealthCheck is not null, []);
        MeasuredDelay = new MeasuredDelay(time);
        _endpoints = new EndpointSet([], scheme, Ledger, policy.Balancing);
        Tag = new KeyValuePair<string, object?>(MeshClientTelemetry.ServiceTag, name);
    }

    /// <summary>The scheme calls use: <c>https</c>, <c>http</c>, or <c>https+http</c>.</summary>
    public string Scheme { get; }

    /// <summary>The host name calls use.</summary>
    public string Name { get; }

    /// <summary>The port of those endpoints whose own discovery does not name, or <see langword="null"/> for that of the scheme.</summary>
    public int? Port { get; }

    /// <summary>Whether the service belongs to the mesh: discovery has named endpoints for it once, or the configuration names it.</summary>
    public bool IsKnown
    {
        get => _isKnown;
        set => _isKnown = value;
    }

    public ServicePolicy Policy => _policy;

    public EndpointSet Endpoints => _endpoints;

    public RetryBudget Budget => _budget;

    /// <summary>The access tokens its calls carry, or <see langword="null"/>.</summary>
    public ServiceTokens? Tokens => _tokens;

    /// <summary>What attempts have to pass, or <see langword="null"/>.</summary>
    public ServiceGate? Gate => _gate;

    /// <summary>The calls it may have at a time, or <see langword="null"/> for any number.</summary>
    public CallSlots? Slots => _slots;

    public EjectionLedger Ledger { get; }

    /// <summary>How many attempts were repetitions.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>How many attempts were hedges.</summary>
    public long Hedges => Interlocked.Read(ref _hedges);

    /// <summary>How many attempts were not made, by circuit breaker, throttling or limits.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>After which time a hedge is due, where that is measured.</summary>
    public MeasuredDelay MeasuredDelay { get; }

    /// <summary>The service as a metric tag, made once.</summary>
    public KeyValuePair<string, object?> Tag { get; }

    /// <summary>When discovery was last asked about it, as a timestamp.</summary>
    public long CheckedAt
    {
        get => Volatile.Read(ref _checkedAt);
        set => Volatile.Write(ref _checkedAt, value);
    }

    /// <summary>Takes over a new policy. The budget's balance and the balancers' state are kept unless their own settings changed.</summary>
    public void Use(ServicePolicy policy)
    {
        lock (_changing)
        {
            if (_budget.Policy != policy.Retry.Budget)
            {
                _budget = new RetryBudget(policy.Retry.Budget, _time);
            }

            if (_tokens?.Policy != policy.AccessToken)
            {
                _tokens = TokensOf(policy);
            }

            if (_policy.Balancing != policy.Balancing)
            {
                _endpoints = _endpoints.With(policy.Balancing);
            }

            if (_policy.Ejection != policy.Ejection)
            {
                Ledger.Reset(_endpoints.All, policy.Ejection);
            }

            _gate = ServiceGate.Create(policy, _gate, _time, _random);
            _slots = SlotsOf(policy);
            Ledger.UseChecks(policy.HealthCheck is not null, _endpoints.All);
            _policy = policy;
        }
    }

    /// <summary>Takes over the endpoints that discovery names now.</summary>
    public void Use(Endpoint[] endpoints, string scheme)
    {
        lock (_changing)
        {
            Ledger.Reset(endpoints, _policy.Ejection);
            Ledger.UseChecks(_policy.HealthCheck is not null, endpoints);
            _endpoints = new EndpointSet(endpoints, scheme, Ledger, _policy.Balancing);
        }
    }

    public bool TryWithdrawRetry(long now)
    {
        if (_budget.TryWithdraw(now))
        {
            Interlocked.Increment(ref _retries);
            _telemetry.Retried(this);
            return true;
        }

        _telemetry.BudgetExhausted(this);
        return false;
    }

    public bool TryWithdrawHedge(long now)
    {
        if (_budget.TryWithdraw(now))
        {
            Interlocked.Increment(ref _hedges);
            return true;
        }

        _telemetry.BudgetExhausted(this);
        return false;
    }

    /// <summary>Tells of an endpoint that left or joined the rotation.</summary>
    public void Report(Endpoint endpoint, HealthChange change)
    {
        if (change == HealthChange.Ejected)
        {
            _telemetry.Ejected(this, endpoint.Health.Reason);
            var left = _time.GetElapsedTime(_time.GetTimestamp(), endpoint.Health.Until);
            Log.Ejected(_logger, endpoint.Address, Name, left, endpoint.Health.TimesEjected, endpoint.Health.Reason);
        }
        else
        {
            Log.Restored(_logger, endpoint.Address, Name);
        }
    }

    /// <summary>How long its circuit is still open, or <see langword="null"/> where it is not.</summary>
    public TimeSpan? OpenFor(long now) =>
        _gate?.Breaker is { State: CircuitState.Open } breaker && breaker.Until > now ? _time.GetElapsedTime(now, breaker.Until) : null;

    /// <summary>Tells of another state of the circuit.</summary>
    public void Report(CircuitState state)
    {
        _telemetry.CircuitChanged(this, state);
        if (state == CircuitState.Open)
        {
            Log.Opened(_logger, Name, OpenFor(_time.GetTimestamp()) ?? TimeSpan.Zero, _gate?.Breaker?.Openings ?? 0);
        }
        else
        {
            Log.Closed(_logger, Name);
        }
    }

    /// <summary>Counts an attempt that was not made.</summary>
    public void ReportRefusal(RejectionReason reason)
    {
        if (reason != RejectionReason.NoEndpoints)
        {
            Interlocked.Increment(ref _refused);
        }

        _telemetry.Refused(this, reason);
    }

    /// <summary>Counts a call that was not made because of its limits.</summary>
    public void RefuseCall(RejectionReason reason, long started)
    {
        ReportRefusal(reason);
        _telemetry.EndCall(activity: null, this, CallOutcome.NotSent, attempts: 0, _time.GetElapsedTime(started));
    }

    /// <summary>Tells of a health check, and takes the endpoint out of rotation or back where that follows.</summary>
    /// <param name="endpoint">Who was asked.</param>
    /// <param name="result">What it said.</param>
    /// <param name="healthy">What follows; <see langword="null"/> for nothing new.</param>
    public void ReportCheck(Endpoint endpoint, CheckResult result, bool? healthy)
    {
        _telemetry.Checked(this, result.Passed);
        if (healthy is not { } isHealthy || !Ledger.Judge(endpoint, !isHealthy))
        {
            return;
        }

        if (isHealthy)
        {
            Log.Healthy(_logger, endpoint.Address, Name);
        }
        else
        {
            Log.Unhealthy(_logger, endpoint.Address, Name, result.Failure!);
        }
    }

    private CallSlots? SlotsOf(ServicePolicy policy)
    {
        if (policy.Limits.MaxActive is not { } max)
        {
            // Whoever waits for a limit that is gone goes on.
            _slots?.Use(int.MaxValue, int.MaxValue);
            return null;
        }

        _slots?.Use(max, policy.Limits.MaxPending);
        return _slots ?? new CallSlots(max, policy.Limits.MaxPending, _time);
    }

    private ServiceTokens? TokensOf(ServicePolicy policy) =>
        policy.AccessToken is { } tokens ? new ServiceTokens(tokens, this, _telemetry, _time, _random, _logger) : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Endpoint {Endpoint} of service {Service} is out of rotation for {Duration} ({Reason}, time {Times}).")]
        public static partial void Ejected(ILogger logger, string endpoint, string service, TimeSpan duration, int times, EjectionReason reason);

        [LoggerMessage(2, LogLevel.Information, "Endpoint {Endpoint} of service {Service} is back in rotation.")]
        public static partial void Restored(ILogger logger, string endpoint, string service);

        [LoggerMessage(3, LogLevel.Warning, "Endpoint {Endpoint} of service {Service} is out of rotation: it fails its health checks ({Failure}).")]
        public static partial void Unhealthy(ILogger logger, string endpoint, string service, string failure);

        [LoggerMessage(4, LogLevel.Information, "Endpoint {Endpoint} of service {Service} passes its health checks again.")]
        public static partial void Healthy(ILogger logger, string endpoint, string service);

        [LoggerMessage(5, LogLevel.Warning, "Calls to service {Service} are not made for {Duration}: too many have failed (time {Times}).")]
        public static partial void Opened(ILogger logger, string service, TimeSpan duration, int times);

        [LoggerMessage(6, LogLevel.Information, "Calls to service {Service} are made again.")]
        public static partial void Closed(ILogger logger, string service);
    }
}
