using Mesh.Configuration;
using Mesh.Gateway.Quotas;
using Mesh.Limits;

namespace Mesh.Gateway.Consumers;

/// <summary>Checks plans, also against the routes they name.</summary>
internal static class PlanValidation
{
    public static void Validate(string path, PlanOptions plan, IReadOnlySet<string> routes, ConfigurationErrors errors)
    {
        var dearest = Math.Max(1, plan.Costs.Values.DefaultIfEmpty(1).Max());
        ValidateLimits(path, plan, dearest, errors);
        ValidateQuotas(path, plan, dearest, errors);
        for (var i = 0; i < plan.Routes.Count; i++)
        {
            CheckRoute($"{path}:{nameof(plan.Routes)}:{i}", plan.Routes[i], routes, errors);
        }

        for (var i = 0; i < plan.Scopes.Count; i++)
        {
            if (plan.Scopes[i].Length == 0 || plan.Scopes[i].Contains(' ', StringComparison.Ordinal))
            {
                errors.Add($"{path}:{nameof(plan.Scopes)}:{i}", plan.Scopes[i], "one scope, without spaces");
            }
        }

        foreach (var (route, cost) in plan.Costs)
        {
            CheckRoute($"{path}:{nameof(plan.Costs)}:{route}", route, routes, errors);
            if (cost < 0)
            {
                errors.Add($"{path}:{nameof(plan.Costs)}:{route}", cost, "0 or more");
            }
        }
    }

    /// <summary>Checks that quotas that are to be shared can be.</summary>
    public static void CheckStore(string path, IDictionary<string, PlanOptions> plans, bool hasStore, ConfigurationErrors errors)
    {
        foreach (var (name, plan) in plans)
        {
            for (var i = 0; i < plan.Quotas.Count && !hasStore; i++)
            {
                if (plan.Quotas[i].Shared is not null)
                {
                    errors.Add($"{path}:{name}:{nameof(plan.Quotas)}:{i}:{nameof(QuotaOptions.Shared)}", "there is no store to share the quota through: call AddMeshRedis(), or register an IQuotaStore.");
                }
            }
        }
    }

    private static void ValidateLimits(string path, PlanOptions plan, int dearest, ConfigurationErrors errors)
    {
        path = $"{path}:{nameof(plan.RateLimits)}";
        CheckCount(path, plan.RateLimits.Count, errors);
        RateLimitOptions.Validate(plan.RateLimits.ConvertAll(static limit => limit.ToLimit()), path, errors);
        for (var i = 0; i < plan.RateLimits.Count; i++)
        {
            if (plan.RateLimits[i] is var limit && (limit.Burst ?? limit.Limit) is > 0 and var most && most < dearest)
            {
                errors.Add($"{path}:{i}", $"a request that costs {dearest} could never pass: at most {most} may be taken at once.");
            }
        }
    }

    private static void ValidateQuotas(string path, PlanOptions plan, int dearest, ConfigurationErrors errors)
    {
        CheckCount($"{path}:{nameof(plan.Quotas)}", plan.Quotas.Count, errors);
        var names = plan.RateLimits.Select(static limit => limit.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < plan.Quotas.Count; i++)
        {
            var quota = plan.Quotas[i];
            var own = $"{path}:{nameof(plan.Quotas)}:{i}";
            quota.Validate(own, errors);
            if (!names.Add(quota.Name))
            {
                errors.Add($"{own}:{nameof(quota.Name)}", quota.Name, "a name that no other limit or quota of the plan has");
            }

            if (quota.Limit > 0 && quota.Limit < dearest)
            {
                errors.Add($"{own}:{nameof(quota.Limit)}", $"a request that costs {dearest} could never pass.");
            }
        }
    }

    private static void CheckCount(string path, int count, ConfigurationErrors errors)
    {
        if (count > PlanOptions.MaxLimits)
        {
            errors.Add(path, $"found {count}, allowed are up to {PlanOptions.MaxLimits}.");
        }
    }

    private static void CheckRoute(string path, string route, IReadOnlySet<string> routes, ConfigurationErrors errors)
    {
        if (!routes.Contains(route))
        {
            errors.Add(path, route, "the name of a route");
        }
    }
}
