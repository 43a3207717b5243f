using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Consumers;

/// <summary>
/// Lets requests pass that a plan allows, and counts them. What is asked first costs nothing and says most: who it is, whether
/// the plan is good for the route and the caller for the plan. Then the rate limits are charged, together or not at all, and last the quotas,
/// so that who is too fast does not pay for it.
/// </summary>
internal sealed class ConsumerGate(QuotaLedger quotas, UsageLedger usage, TimeProvider time)
{
    // What nginx calls a request whose client did not wait.
    private const int ClientClosedRequest = 499;

    public Admission Admit(HttpContext http, ConsumerPolicy policy, string route)
    {
        var request = http.Features.Get<MeshRequest>();
        if (policy.Identify(http, request, out var caller) is { } stranger)
        {
            return new Admission(null, 0, stranger);
        }

        var plan = caller.Plan;
        if (!plan.IsGoodFor(route))
        {
            return new Admission(caller.Name, 0, ConsumerProblems.RouteNotInPlan);
        }

        if (!plan.IsSatisfiedBy((request as Authorization.IAuthorizationAttributes)?.Claims))
        {
            return new Admission(caller.Name, 0, ConsumerProblems.InsufficientScope);
        }

        var cost = plan.CostOf(route);
        if (cost == 0 || plan.PolicyField.Length == 0)
        {
            return new Admission(caller.Name, cost, null);
        }

        var refusal = Charge(http, caller, cost);
        return new Admission(caller.Name, refusal is null ? cost : 0, refusal);
    }

    /// <summary>Counts an answer.</summary>
    public void Count(HttpContext http, in Admission admission, string route, bool threw)
    {
        if (admission.Consumer is not { } consumer)
        {
            return;
        }

        var response = http.Response;
        var status = response.HasStarted ? response.StatusCode
            : http.RequestAborted.IsCancellationRequested ? ClientClosedRequest
            : threw ? StatusCodes.Status500InternalServerError
            : response.StatusCode;
        var today = (int)(time.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay);
        usage.Add(new UsageKey(today, consumer, route, status), admission.Cost);
    }

    private MeshProblem? Charge(HttpContext http, in Caller caller, int cost)
    {
        var plan = caller.Plan;
        var fields = new PlanFields();
        if (plan.Limits.Length > 0)
        {
            ChargeBuffer charges = default;
            Span<RateLimitResult> results = stackalloc RateLimitResult[PlanOptions.MaxLimits];
            for (var i = 0; i < plan.Limits.Length; i++)
            {
                charges[i] = new RateLimitCharge(plan.Limits[i].Table, caller.Key, cost);
            }

            ReadOnlySpan<RateLimitCharge> charged = charges;
            var allowed = RateLimiterSet.TryAcquire(charged[..plan.Limits.Length], results);
            for (var i = 0; i < plan.Limits.Length; i++)
            {
                fields.Add(plan.Limits[i].Table.Name, results[i], shows: allowed || !results[i].Allowed);
            }

            if (!allowed)
            {
                fields.Replace(http.Response.Headers, plan);
                return ConsumerProblems.TooFast with { RetryAfter = fields.RetryAfter };
            }
        }

        return plan.Quotas.Length == 0 || Charge(plan, caller.Key, cost, ref fields)
            ? Pass(http, plan, fields)
            : Refuse(http, plan, fields);
    }

    private bool Charge(Plan plan, string key, int cost, ref PlanFields fields)
    {
        Span<QuotaResult> results = stackalloc QuotaResult[PlanOptions.MaxLimits];
        var allowed = quotas.TryCharge(plan.Quotas, key, cost, time.GetUtcNow(), results);
        if (!allowed)
        {
            fields.Clear();
        }

        for (var i = 0; i < plan.Quotas.Length; i++)
        {
            fields.Add(plan.Quotas[i].Name, results[i], shows: allowed || !results[i].Allowed);
        }

        return allowed;
    }

    private static MeshProblem? Pass(HttpContext http, Plan plan, in PlanFields fields)
    {
        fields.Append(http.Response.Headers, plan);
        return null;
    }

    private static MeshProblem Refuse(HttpContext http, Plan plan, in PlanFields fields)
    {
        fields.Replace(http.Response.Headers, plan);
        return ConsumerProblems.QuotaUsedUp with { RetryAfter = fields.RetryAfter };
    }
}
