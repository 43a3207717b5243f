using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Mesh.Limits;
using Mesh.Server.Pipeline;
using Mesh.Server.Policy;
using Mesh.Server.Problems;
using Mesh.Server.RateLimits.Shared;
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
    private const int UsualLength = 256;

    // Most callers are far below their limits, and then one response after another says the same. Per thread: no cache line is fought for.
    [ThreadStatic]
    private static string? _lastState;

    private readonly string _policy = string.Join(", ", limits.Select(static limit => limit.PolicyItem));
    private readonly bool _takesAll = Array.TrueForAll(limits, static limit => limit.TakesAll);

    /// <summary>The limits, for those who report on them.</summary>
    public IReadOnlyList<RequestLimit> All => limits;

    /// <summary>Whether others have to be asked: then <see cref="ChargeAsync"/> is to be called.</summary>
    public bool AreShared { get; } = Array.Exists(limits, static limit => limit.Shared is not null);

    /// <summary>As <see cref="Charge"/>, where some of the limits are shared.</summary>
    public async ValueTask<MeshProblem?> ChargeAsync(HttpContext http, MeshRequest request)
    {
        List<RequestLimit> taking = [];
        List<string> keys = [];
        foreach (var limit in limits)
        {
            if (limit.Takes(http.Request.Method, request.Path, out var path))
            {
                taking.Add(limit);
                keys.Add(CallerKey.Of(http, request, limit, path));
            }
        }

        if (taking.Count == 0)
        {
            return null;
        }

        var charging = new SharedCharging([.. taking], [.. keys]);
        var allowed = await charging.TryAcquireAsync().ConfigureAwait(false);
        if (charging.Unavailable is { } unavailable)
        {
            return unavailable;
        }

        var headers = http.Response.Headers;
        var which = new int[taking.Count];
        for (var i = 0; i < which.Length; i++)
        {
            which[i] = Array.IndexOf(limits, taking[i]);
        }

        headers[PolicyField] = DescribePolicy(which);
        headers[StateField] = Describe(which, charging.Results, allowed);
        return allowed ? null : Refuse(charging.Results);
    }

    /// <summary>Charges a request and sets the fields of its response.</summary>
    /// <returns>The refusal, or <see langword="null"/> when the request may pass.</returns>
    public MeshProblem? Charge(HttpContext http, MeshRequest request)
    {
        ChargeBuffer charges = default;
        Span<int> which = stackalloc int[MeshServerOptions.MaxRateLimits];
        var count = 0;
        for (var i = 0; i < limits.Length; i++)
        {
            if (limits[i].Takes(http.Request.Method, request.Path, out var path))
            {
                charges[count] = new RateLimitCharge(limits[i].Table, CallerKey.Of(http, request, limits[i], path), limits[i].Cost);
                which[count++] = i;
            }
        }

        if (count == 0)
        {
            return null;
        }

        which = which[..count];
        Span<RateLimitResult> results = stackalloc RateLimitResult[MeshServerOptions.MaxRateLimits];
        ReadOnlySpan<RateLimitCharge> charged = charges;
        var allowed = RateLimiterSet.TryAcquire(charged[..count], results);
        var headers = http.Response.Headers;
        headers[PolicyField] = _takesAll ? _policy : DescribePolicy(which);
        headers[StateField] = Describe(which, results, allowed);
        return allowed ? null : Refuse(results[..count]);
    }

    private string DescribePolicy(ReadOnlySpan<int> which)
    {
        if (which.Length == 1)
        {
            return limits[which[0]].PolicyItem;
        }

        var text = new StringBuilder();
        foreach (var index in which)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(limits[index].PolicyItem);
        }

        return text.ToString();
    }

    // "t" of a limit that has run out is when one request passes again: Retry-After must not be earlier than it.
    private string Describe(ReadOnlySpan<int> which, ReadOnlySpan<RateLimitResult> results, bool allowed)
    {
        // On the stack, for every response has one.
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[UsualLength]);
        var isFirst = true;
        for (var i = 0; i < which.Length; i++)
        {
            if (allowed || !results[i].Allowed)
            {
                Append(ref text, isFirst ? "\"" : ", \"", limits[which[i]], results[i]);
                isFirst = false;
            }
        }

        if (!text.Text.SequenceEqual(_lastState))
        {
            _lastState = text.ToString();
        }

        text.Clear();
        return _lastState!;
    }

    private static void Append(ref DefaultInterpolatedStringHandler text, string start, RequestLimit limit, RateLimitResult result)
    {
        text.AppendLiteral(start);
        text.AppendLiteral(limit.Table.Name);
        text.AppendLiteral("\";r=");
        text.AppendFormatted(result.Remaining);
        text.AppendLiteral(";t=");
        text.AppendFormatted((long)Math.Ceiling((result.Allowed ? result.ResetAfter : result.RetryAfter).TotalSeconds));
    }

    private static MeshProblem Refuse(ReadOnlySpan<RateLimitResult> results)
    {
        var wait = TimeSpan.Zero;
        foreach (var result in results)
        {
            wait = result.RetryAfter > wait ? result.RetryAfter : wait;
        }

        return ServerProblems.QuotaExceeded with { RetryAfter = wait };
    }
}
