using System.Collections.Immutable;
using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates a rule and compiles everything about it but its matches.</summary>
internal static class RuleCompiler
{
    public static RouteRule Compile(RouteRuleOptions rule, string routeName, int position, string path, ConfigurationErrors errors)
    {
        CheckTimeouts(rule.Timeouts, $"{path}:Timeouts", errors);
        var filters = new FilterCompiler(errors);
        for (var i = 0; i < rule.Filters.Count; i++)
        {
            filters.Add(rule.Filters[i], rule.Matches, $"{path}:Filters:{i}");
        }

        var name = rule.Name ?? position.ToString(CultureInfo.InvariantCulture);
        if (filters.Answer is { } answer && rule.BackendRefs.Count > 0)
        {
            errors.Add($"{path}:BackendRefs", $"a rule with a filter of type {answer} sends nothing on: it has no backends.");
        }

        if (filters.Cache is not null && rule.SessionPersistence is not null)
        {
            errors.Add($"{path}:SessionPersistence", $"a rule with a filter of type {RouteFilterType.Cache} gives callers the answers of others: they have no endpoint to stay with.");
        }

        rule.Retry?.Validate($"{path}:Retry", errors);
        rule.Hedging?.Validate($"{path}:Hedging", errors);
        return new RouteRule(routeName, name, BackendCompiler.Compile(rule.BackendRefs, $"{path}:BackendRefs", errors))
        {
            RequestHeaders = filters.RequestHeaders,
            ResponseHeaders = filters.ResponseHeaders,
            Rewrite = filters.Rewrite,
            Redirect = filters.Redirect,
            DirectResponse = filters.DirectResponse,
            Fault = filters.Fault,
            Cors = filters.Cors,
            BodyLimit = filters.BodyLimit,
            Auth = filters.Auth,
            Compression = filters.Compression,
            Cache = filters.Cache,
            Mirrors = [.. filters.Mirrors.Select((mirror, i) => Compile(mirror, routeName, $"{name}:mirror-{i}"))],
            Retry = rule.Retry is { } retry ? new RouteRetry(retry.Codes?.ToImmutableArray(), retry.Attempts, retry.Backoff) : null,
            Hedging = rule.Hedging is { } hedging ? new RouteHedging(hedging.Attempts, hedging.Delay) : null,
            Session = rule.SessionPersistence?.Compile($"{path}:SessionPersistence", errors),
            RequestTimeout = Compile(rule.Timeouts.Request),
            BackendTimeout = Compile(rule.Timeouts.BackendRequest),
        };
    }

    // Whether a copy arrives is of no consequence, so none is sent twice.
    private static RouteMirror Compile(CompiledMirror mirror, string routeName, string name) => new(
        new RouteRule(routeName, name, [mirror.Backend])
        {
            Retry = new RouteRetry(null, attempts: 0, null),
            Hedging = new RouteHedging(attempts: 0, null),
        },
        mirror.Numerator,
        mirror.Denominator,
        mirror.KeepCredentials);

    private static void CheckTimeouts(RouteTimeoutsOptions timeouts, string path, ConfigurationErrors errors)
    {
        CheckTimeout(timeouts.Request, $"{path}:{nameof(timeouts.Request)}", errors);
        CheckTimeout(timeouts.BackendRequest, $"{path}:{nameof(timeouts.BackendRequest)}", errors);
        if (timeouts is { Request: { Ticks: > 0 } request, BackendRequest: { } backend } && (backend == TimeSpan.Zero || backend > request))
        {
            errors.Add($"{path}:{nameof(timeouts.BackendRequest)}", backend, $"a duration above 0 and up to that of Request, {request}");
        }
    }

    private static void CheckTimeout(TimeSpan? timeout, string path, ConfigurationErrors errors)
    {
        if (timeout != TimeSpan.Zero)
        {
            errors.CheckDuration(path, timeout);
        }
    }

    private static TimeSpan? Compile(TimeSpan? timeout) => timeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout;
}
