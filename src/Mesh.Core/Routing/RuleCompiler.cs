using System.Collections.Immutable;
using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Validates a rule and compiles everything about it but its matches.</summary>
internal static class RuleCompiler
{
    private const int MaxWeight = 1_000_000;
    private const int MaxPort = 65_535;

    public static RouteRule Compile(RouteRuleOptions rule, string routeName, int position, string path, ConfigurationErrors errors)
    {
        CheckTimeouts(rule.Timeouts, $"{path}:Timeouts", errors);
        var filters = new FilterCompiler(errors);
        for (var i = 0; i < rule.Filters.Count; i++)
        {
            filters.Add(rule.Filters[i], rule.Matches, $"{path}:Filters:{i}");
        }

        return new RouteRule(
            routeName,
            rule.Name ?? position.ToString(CultureInfo.InvariantCulture),
            CompileBackends(rule.BackendRefs, $"{path}:BackendRefs", errors))
        {
            RequestHeaders = filters.RequestHeaders,
            ResponseHeaders = filters.ResponseHeaders,
            Rewrite = filters.Rewrite,
            RequestTimeout = Compile(rule.Timeouts.Request),
            BackendTimeout = Compile(rule.Timeouts.BackendRequest),
        };
    }

    private static ImmutableArray<RouteBackend> CompileBackends(List<BackendRefOptions> backends, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < backends.Count; i++)
        {
            var backend = backends[i];
            if (!RouteSyntax.IsPreciseHostname(backend.Name))
            {
                errors.Add($"{path}:{i}:Name", backend.Name, "the name of a service: letters, digits, '-' and '.'");
            }

            if (backend.Namespace is { } ns && !RouteSyntax.IsPreciseHostname(ns))
            {
                errors.Add($"{path}:{i}:Namespace", ns, "the name of a namespace: letters, digits and '-'");
            }

            if (backend.Weight is < 0 or > MaxWeight)
            {
                errors.Add($"{path}:{i}:Weight", backend.Weight, $"a whole number from 0 to {MaxWeight}");
            }

            if (backend.Port is < 1 or > MaxPort)
            {
                errors.Add($"{path}:{i}:Port", backend.Port, $"a whole number from 1 to {MaxPort}");
            }
        }

        return [.. backends.Select(static backend => new RouteBackend(backend.Name, backend.Namespace, backend.Port, Math.Max(0, backend.Weight)))];
    }

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
