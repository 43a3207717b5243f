using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Calls;
using Mesh.Client.CircuitBreaking;
using Mesh.Client.Discovery;
using Mesh.Client.Ejection;
using Mesh.Client.Hedging;
using Mesh.Faults;
using Mesh.Outcomes;
using Mesh.Routing;

namespace Mesh.Client.Telemetry;

/// <summary>Names and instruments of the client's spans and metrics.</summary>
internal sealed class MeshClientTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Mesh.Client";

    public const string ServiceTag = "mesh.service";
    private const string RouteTag = "mesh.route";
    private const string OutcomeTag = "mesh.outcome";
    private const string ReasonTag = "mesh.reason";
    private const string StateTag = "mesh.state";
    private const string AttemptsTag = "mesh.attempts";
    private const string HedgesTag = "mesh.hedges";
    private const string WonTag = "mesh.hedge.won";

    private static readonly ActivitySource Source = new(Name);

    // Boxed once: tags are objects.
    private static readonly object[] OutcomeNames = ["success", "failure", "overload", "not_sent", "cancelled"];

    // In the order of EjectionReason.
    private static readonly object[] EjectionReasons =
        ["consecutive_failures", "consecutive_gateway_failures", "consecutive_local_failures", "success_rate", "failure_percentage", "latency", "failed_probe"];

    // In the order of RejectionReason.
    private static readonly object[] Refusals =
        ["no_endpoints", "unknown_service", "no_route", "no_backend", "discovery_failed", "no_access_token", "plaintext_forbidden", "circuit_open", "throttled", "limit_reached"];

    // In the order of CircuitState.
    private static readonly object[] CircuitStates = ["closed", "open", "half_open"];

    private static readonly object True = true;
    private static readonly object False = false;

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _exhausted;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _checks;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _circuits;
    private readonly Counter<long> _mirrored;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _tokens;
    private readonly Gauge<double> _tokenExpiry;

    public MeshClientTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _duration = meter.CreateHistogram(
            "mesh.client.call.duration",
            unit: "s",
            description: "Time of a logical call with all its attempts, until response headers.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _retries = meter.CreateCounter<long>("mesh.client.retries", "{attempt}", "Attempts after the first.");
        _hedges = meter.CreateCounter<long>("mesh.client.hedges", "{attempt}", "Attempts sent before the first had an answer, by whether a hedge won.");
        _exhausted = meter.CreateCounter<long>("mesh.client.retry_budget.exhausted", "{retry}", "Retries refused for lack of budget.");
        _ejections = meter.CreateCounter<long>("mesh.client.endpoint.ejections", "{ejection}", "Endpoints taken out of rotation.");
        _refusals = meter.CreateCounter<long>("mesh.client.refusals", "{attempt}", "Attempts that were not made, by why.");
        _circuits = meter.CreateCounter<long>("mesh.client.circuit_breaker.changes", "{change}", "Circuit breakers that opened or closed.");
        _checks = meter.CreateCounter<long>("mesh.client.health_checks", "{check}", "Health checks of endpoints, by what became of them.");
        _mirrored = meter.CreateCounter<long>("mesh.client.mirrored", "{request}", "Copies of requests, by who got them and what became of them.");
        _faults = meter.CreateCounter<long>("mesh.client.faults", "{attempt}", "Attempts that something was put into on purpose.");
        _tokens = meter.CreateCounter<long>("mesh.client.token.fetches", "{fetch}", "Access tokens that were asked for, by what became of it.");
        _tokenExpiry = meter.CreateGauge<double>("mesh.client.token.expiry", "s", "When this process's access token for a service ends, in seconds since 1970.");
    }

    /// <summary>The logical span. Internal by kind: the HTTP spans below it, one an attempt, are the client spans.</summary>
    public static Activity? StartCall(string service, RouteRule? rule)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity("mesh.call", ActivityKind.Internal);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = $"mesh.call {service}";
            activity.SetTag(ServiceTag, service);
            if (rule is not null)
            {
                activity.SetTag(RouteTag, rule.Name);
            }
        }

        return activity;
    }

    public void EndCall(Activity? activity, ServiceTarget service, CallOutcome outcome, int attempts, TimeSpan elapsed)
    {
        var name = OutcomeNames[(int)outcome];
        if (_duration.Enabled)
        {
            _duration.Record(elapsed.TotalSeconds, service.Tag, new KeyValuePair<string, object?>(OutcomeTag, name));
        }

        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(OutcomeTag, name);
            activity.SetTag(AttemptsTag, attempts);
            if (outcome is not (CallOutcome.Success or CallOutcome.CancelledByCaller))
            {
                activity.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    public void Retried(ServiceTarget service) => _retries.Add(1, service.Tag);

    /// <summary>The first attempt of a call took so long that hedges were due; those the budget refused were not sent.</summary>
    public void Hedged(Activity? activity, ServiceTarget service, HedgedCall call)
    {
        var hedges = call.Attempts - 1;
        if (hedges > 0)
        {
            activity?.SetTag(HedgesTag, hedges);
            _hedges.Add(hedges, service.Tag, new KeyValuePair<string, object?>(WonTag, call.HasWon ? True : False));
        }
    }

    public void BudgetExhausted(ServiceTarget service) => _exhausted.Add(1, service.Tag);

    public void Ejected(ServiceTarget service, EjectionReason reason) =>
        _ejections.Add(1, service.Tag, new KeyValuePair<string, object?>(ReasonTag, EjectionReasons[(int)reason]));

    /// <summary>An attempt was not made.</summary>
    public void Refused(ServiceTarget service, RejectionReason reason) =>
        _refusals.Add(1, service.Tag, new KeyValuePair<string, object?>(ReasonTag, Refusals[(int)reason]));

    public void CircuitChanged(ServiceTarget service, CircuitState state) =>
        _circuits.Add(1, service.Tag, new KeyValuePair<string, object?>(StateTag, CircuitStates[(int)state]));

    /// <summary>An endpoint was asked how it is.</summary>
    public void Checked(ServiceTarget service, bool passed) =>
        _checks.Add(1, service.Tag, new KeyValuePair<string, object?>(OutcomeTag, OutcomeNames[(int)(passed ? CallOutcome.Success : CallOutcome.Failure)]));

    /// <summary>A copy was sent.</summary>
    public void Mirrored(string service, CallOutcome outcome) => CountMirror(service, OutcomeNames[(int)outcome]);

    /// <summary>A copy was not made.</summary>
    public void MirrorRefused(string service, bool tooLarge) => CountMirror(service, tooLarge ? "too_large" : "dropped");

    /// <summary>Something was put into an attempt on purpose.</summary>
    public void Faulted(ServiceTarget service, FaultKinds kinds) =>
        _faults.Add(1, service.Tag, new KeyValuePair<string, object?>(FaultMark.Tag, FaultMark.Format(kinds)));

    /// <summary>A token was asked for.</summary>
    /// <param name="service">The service it is for.</param>
    /// <param name="failure">Why there is none, in one of a few words; <see langword="null"/> when there is one.</param>
    public void TokenFetched(ServiceTarget service, string? failure)
    {
        if (failure is null)
        {
            _tokens.Add(1, service.Tag, new KeyValuePair<string, object?>(OutcomeTag, OutcomeNames[(int)CallOutcome.Success]));
        }
        else
        {
            _tokens.Add(
                1,
                service.Tag,
                new KeyValuePair<string, object?>(OutcomeTag, OutcomeNames[(int)CallOutcome.Failure]),
                new KeyValuePair<string, object?>(ReasonTag, failure));
        }
    }

    /// <summary>There is a new token of this process.</summary>
    public void TokenExpires(ServiceTarget service, DateTimeOffset end) => _tokenExpiry.Record(end.ToUnixTimeMilliseconds() / 1000d, service.Tag);

    private void CountMirror(string service, object outcome) =>
        _mirrored.Add(1, new KeyValuePair<string, object?>(ServiceTag, service), new KeyValuePair<string, object?>(OutcomeTag, outcome));
}
