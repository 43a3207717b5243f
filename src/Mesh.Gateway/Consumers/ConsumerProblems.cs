using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Consumers;

/// <summary>Why a plan refuses a request.</summary>
internal static class ConsumerProblems
{
    public static readonly MeshProblem Required = new(
        StatusCodes.Status401Unauthorized, "consumer-required", "The caller showed no credentials.", "Send the credentials of a consumer of this gateway.")
    {
        Challenge = "Bearer, ApiKey",
    };

    public static readonly MeshProblem Unknown = new(
        StatusCodes.Status403Forbidden, "consumer-unknown", "The caller has no plan.", "Ask the provider of this gateway for a plan.");

    public static readonly MeshProblem RouteNotInPlan = new(
        StatusCodes.Status403Forbidden, "route-not-in-plan", "The plan of the caller is not good for this.", "Ask the provider of this gateway for another plan.");

    public static readonly MeshProblem InsufficientScope = new(
        StatusCodes.Status403Forbidden, "insufficient-scope", "The credentials are not good for this.", "Show credentials with the scopes of the plan.")
    {
        // RFC 6750, section 3.1
        Challenge = "Bearer error=\"insufficient_scope\"",
    };

    public static readonly MeshProblem TooFast = new(
        StatusCodes.Status429TooManyRequests, "plan-rate-exceeded", "The caller is faster than its plan allows.", "Wait as long as Retry-After says.");

    public static readonly MeshProblem QuotaUnavailable = new(
        StatusCodes.Status503ServiceUnavailable, "plan-quota-unavailable", "The quota of the caller cannot be asked.", "Try again.");

    public static readonly MeshProblem QuotaUsedUp = new(
        StatusCodes.Status429TooManyRequests, "plan-quota-exceeded", "The caller has used up a quota of its plan.", "Wait as long as Retry-After says, or ask the provider of this gateway for another plan.");
}
