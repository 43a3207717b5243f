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
internal sealed class ConsumerGate(QuotaLedger quotas, QuotaShares shares, UsageLedger usage, TimeProvider time)
{
    // What nginx calls a request whose client did not wait.
    private const int ClientClosedRequest = 499;

    /// <summary>Lets a request pass or not. Waits only where a shared quota has to be asked for more.</summary>
    public ValueTask<Admission> AdmitAsync(HttpContext http, ConsumerPolicy policy, string route)
    {
        var request = http.Features.Get<MeshRequest>();
        if (policy.Identify(http, request, out var caller) is { } stranger)
        {
            return Answer(null, 0, stranger);
        }

        var plan = caller.Plan;
        if (!plan.IsGoodFor(route))
        {
            return Answer(caller.Name, 0, ConsumerProblems.RouteNotInPlan);
        }

        if (!plan.IsSatisfiedBy((request as Authorization.IAuthorizationAttributes)?.Claims))
        {
            return Answer(caller.Name, 0, ConsumerProblems.InsufficientScope);
        }

        var cost = plan.CostOf(route);
        if (cost == 0 || plan.PolicyField.Length == 0)
        {
            return Answer(caller.Name, cost, null);
        }

        var fields = new PlanFields();
        if (ChargeLimits(http, caller, cost, ref fields) is { } tooFast)
        {
            return Answer(caller.Name, 0, tooFast);
        }

        if (plan.SharedQuotas.Length > 0)
        {
            return ChargeSharedAsync(http, caller, cost, fields);
        }

        return plan.Quotas.Length == 0 || Charge(plan, caller.Key, cost, ref fields)
            ? Answer(caller.Name, cost, Pass(http, plan, fields))
            : Answer(caller.Name, 0, Refuse(http, plan, fields));
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

    private static ValueTask<Admission> Answer(string? consumer, long cost, MeshProblem? refusal) => ValueTask.FromResult(new Admission(consumer, cost, refusal));

    private static MeshProblem? ChargeLimits(HttpContext http, in Caller caller, int cost, ref PlanFields fields)
    {
        var plan = caller.Plan;
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

        return null;
    }

    // Shared quotas are charged first: what was taken from a claim can be given back to it, and costs nobody anything.
    private async ValueTask<Admission> ChargeSharedAsync(HttpContext http, Caller caller, int cost, PlanFields fields)
    {
        var plan = caller.Plan;
        var taken = new QuotaShare[plan.SharedQuotas.Length];
        var results = new QuotaResult[taken.Length];
        var count = 0;
        var answer = QuotaAnswer.Allowed;
        while (count < taken.Length && answer == QuotaAnswer.Allowed)
        {
            (answer, taken[count]) = await shares.TakeAsync(plan.SharedQuotas[count], caller.Key, cost).ConfigureAwait(false);
            results[count] = shares.Describe(plan.SharedQuotas[count], taken[count], cost, answer == QuotaAnswer.Allowed);
            count++;
        }

        var local = answer == QuotaAnswer.Allowed ? fields : new PlanFields();
        if (answer == QuotaAnswer.Allowed && (plan.Quotas.Length == 0 || Charge(plan, caller.Key, cost, ref local)))
        {
            for (var i = 0; i < count; i++)
            {
                quotas.Note(plan.SharedQuotas[i], caller.Key, cost, time.GetUtcNow());
                local.Add(plan.SharedQuotas[i].Name, results[i], shows: true);
            }

            return new Admission(caller.Name, cost, Pass(http, plan, local));
        }

        var charged = answer == QuotaAnswer.Allowed ? count : count - 1;
        for (var i = 0; i < charged; i++)
        {
            taken[i].Refund(cost);
        }

        if (answer == QuotaAnswer.Unavailable)
        {
            return new Admission(caller.Name, 0, ConsumerProblems.QuotaUnavailable);
        }

        if (answer == QuotaAnswer.Refused)
        {
            local.Add(plan.SharedQuotas[charged].Name, results[charged], shows: true);
        }

        return new Admission(caller.Name, 0, Refuse(http, plan, local));
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
