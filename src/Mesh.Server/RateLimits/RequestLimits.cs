using System.Globalization;
using System.Text;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.RateLimits;

/// <summary>
/// Charges a request to every limit or to none, and says what is left in the fields <c>RateLimit-Policy</c> and
/// <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-11).
/// </summary>
internal sealed class RequestLimits(RequestLimit[] limits)
{
    private const string PolicyField = "RateLimit-Policy";
    private const string StateField = "RateLimit";

    private readonly string _policy = string.Join(", ", limits.Select(static limit => limit.PolicyItem));

    /// <summary>The limits, for those who report on them.</summary>
    public IReadOnlyList<RequestLimit> All => limits;

    /// <summary>Charges a request and sets the fields of its response.</summary>
    /// <returns>The refusal, or <see langword="null"/> when the request may pass.</returns>
    public MeshProblem? Charge(HttpContext http, MeshRequest request)
    {
        ChargeBuffer charges = default;
        Span<RateLimitResult> results = stackalloc RateLimitResult[MeshServerOptions.MaxRateLimits];
        for (var i = 0; i < limits.Length; i++)
        {
            charges[i] = new RateLimitCharge(limits[i].Table, CallerKey.Of(http, request, limits[i].Partition));
        }

        ReadOnlySpan<RateLimitCharge> charged = charges;
        var allowed = RateLimiterSet.TryAcquire(charged[..limits.Length], results);
        var headers = http.Response.Headers;
        headers[PolicyField] = _policy;
        headers[StateField] = Describe(results, allowed);
        return allowed ? null : Refuse(results);
    }

    // "t" of a limit that has run out is when one request passes again: Retry-After must not be earlier than it.
    private string Describe(ReadOnlySpan<RateLimitResult> results, bool allowed)
    {
        if (limits.Length == 1)
        {
            return Item(limits[0], results[0]);
        }

        var text = new StringBuilder();
        for (var i = 0; i < limits.Length; i++)
        {
            if (allowed || !results[i].Allowed)
            {
                text.Append(text.Length == 0 ? "" : ", ").Append(Item(limits[i], results[i]));
            }
        }

        return text.ToString();
    }

    private static string Item(RequestLimit limit, RateLimitResult result)
    {
        var seconds = Math.Ceiling((result.Allowed ? result.ResetAfter : result.RetryAfter).TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"\"{limit.Table.Name}\";r={result.Remaining};t={seconds}");
    }

    private MeshProblem Refuse(ReadOnlySpan<RateLimitResult> results)
    {
        var wait = TimeSpan.Zero;
        foreach (var result in results[..limits.Length])
        {
            wait = result.RetryAfter > wait ? result.RetryAfter : wait;
        }

        return ServerProblems.QuotaExceeded with { RetryAfter = wait };
    }
}
