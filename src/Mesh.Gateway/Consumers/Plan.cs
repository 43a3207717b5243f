using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Consumers;

/// <summary>A compiled <see cref="PlanOptions"/>. Immutable.</summary>
internal sealed class Plan
{
    private readonly FrozenSet<string> _routes;
    private readonly FrozenDictionary<string, int> _costs;
    private readonly string[] _scopes;

    /// <param name="name">Its name.</param>
    /// <param name="options">Options that are valid.</param>
    /// <param name="limits">The rate limits.</param>
    public Plan(string name, PlanOptions options, PlanLimit[] limits)
    {
        Name = name;
        Limits = limits;
        var quotas = options.Quotas.ConvertAll(static quota => new Quota(quota));
        Quotas = [.. quotas.Where(static quota => quota.Shared is null)];
        SharedQuotas = [.. quotas.Where(static quota => quota.Shared is not null)];
        PolicyField = string.Join(", ", [.. limits.Select(static limit => limit.PolicyItem), .. Quotas.Concat(SharedQuotas).Select(static quota => quota.PolicyItem)]);
        _routes = options.Routes.ToFrozenSet(StringComparer.Ordinal);
        _costs = options.Costs.ToFrozenDictionary(StringComparer.Ordinal);
        _scopes = [.. options.Scopes];
    }

    public string Name { get; }

    public PlanLimit[] Limits { get; }

    /// <summary>The quotas that this process counts alone.</summary>
    public Quota[] Quotas { get; }

    /// <summary>The quotas that all gateways have together.</summary>
    public Quota[] SharedQuotas { get; }

    /// <summary>The value of <c>RateLimit-Policy</c>; empty when nothing is limited.</summary>
    public string PolicyField { get; }

    public bool IsGoodFor(string route) => _routes.Count == 0 || _routes.Contains(route);

    public int CostOf(string route) => _costs.TryGetValue(route, out var cost) ? cost : 1;

    /// <summary>Whether a caller has every scope that is asked for.</summary>
    public bool IsSatisfiedBy(TokenClaims? claims)
    {
        foreach (var scope in _scopes)
        {
            if (claims is null || !(claims.Find("scope").Contains(scope) || claims.Find("scp").Contains(scope)))
            {
                return false;
            }
        }

        return true;
    }
}
