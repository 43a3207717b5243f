using Mesh.Configuration;
using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Consumers;

/// <summary>What the consumers of a plan may do, and how much of it: one entry of <c>Mesh:Gateway:Plans</c>.</summary>
public sealed class PlanOptions
{
    /// <summary>How many quotas, and how many rate limits, a plan may have: 8.</summary>
    public const int MaxLimits = 8;

    /// <summary>How fast each consumer of the plan may be.</summary>
    /// <value>Default: no limit.</value>
    public List<PlanRateLimitOptions> RateLimits { get; set; } = [];

    /// <summary>How much each consumer of the plan may use in a day, a week or a month.</summary>
    /// <value>Default: no quota.</value>
    public List<QuotaOptions> Quotas { get; set; } = [];

    /// <summary>The names of the routes that the plan is good for.</summary>
    /// <value>Default: empty, which is all.</value>
    public List<string> Routes { get; set; } = [];

    /// <summary>What the claim <c>scope</c> (or <c>scp</c>) of the caller must have, all of it.</summary>
    /// <value>Default: empty, which asks for nothing.</value>
    public List<string> Scopes { get; set; } = [];

    /// <summary>What one request costs of the rate limits and quotas, by the name of its route; 0 is free.</summary>
    /// <value>Default: 1 for every route.</value>
    public IDictionary<string, int> Costs { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    internal static void Read(ConfigurationReader reader, PlanOptions options)
    {
        options.RateLimits = reader.Sections<PlanRateLimitOptions>(nameof(RateLimits), PlanRateLimitOptions.Read) ?? options.RateLimits;
        options.Quotas = reader.Sections<QuotaOptions>(nameof(Quotas), QuotaOptions.Read) ?? options.Quotas;
        options.Routes = reader.Texts(nameof(Routes)) ?? options.Routes;
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
        reader.IntegerMap(nameof(Costs), options.Costs);
    }
}
