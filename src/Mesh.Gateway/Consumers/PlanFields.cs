using System.Globalization;
using System.Text;
using Mesh.Gateway.Quotas;
using Mesh.Limits;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Consumers;

/// <summary>
/// What is left of a plan, for the fields <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-11),
/// behind what the limits of the server say there.
/// </summary>
internal struct PlanFields()
{
    private const string PolicyField = "RateLimit-Policy";
    private const string StateField = "RateLimit";

    private readonly StringBuilder _state = new(64);

    /// <summary>When all that refuse let one request pass again.</summary>
    public TimeSpan RetryAfter { get; private set; }

    public readonly void Clear() => _state.Clear();

    public void Add(string name, in RateLimitResult result, bool shows) =>
        Add(name, result.Remaining, result.Allowed ? result.ResetAfter : result.RetryAfter, result.Allowed, shows);

    public void Add(string name, in QuotaResult result, bool shows) =>
        Add(name, result.Remaining, result.Allowed ? result.ResetAfter : result.RetryAfter, result.Allowed, shows);

    /// <summary>Says it next to the limits of the server, which have let the request pass as well.</summary>
    public readonly void Append(IHeaderDictionary headers, Plan plan)
    {
        headers[PolicyField] = Join(headers[PolicyField].ToString(), plan.PolicyField);
        headers[StateField] = Join(headers[StateField].ToString(), _state.ToString());
    }

    // What has not refused says nothing about when to come again, and Retry-After must not be earlier than the "t" of an item.
    public readonly void Replace(IHeaderDictionary headers, Plan plan)
    {
        headers[PolicyField] = Join(headers[PolicyField].ToString(), plan.PolicyField);
        headers[StateField] = _state.ToString();
    }

    private void Add(string name, long remaining, TimeSpan after, bool allowed, bool shows)
    {
        if (!allowed && after > RetryAfter)
        {
            RetryAfter = after;
        }

        if (shows)
        {
            _state.Append(_state.Length == 0 ? "" : ", ")
                .Append(CultureInfo.InvariantCulture, $"\"{name}\";r={remaining};t={(long)Math.Ceiling(after.TotalSeconds)}");
        }
    }

    private static string Join(string first, string second) => first.Length == 0 ? second : $"{first}, {second}";
}
