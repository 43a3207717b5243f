using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>Why an API key is refused.</summary>
internal static class ApiKeyProblems
{
    private const string Scheme = "ApiKey";

    public static readonly MeshProblem Required = new(
        StatusCodes.Status401Unauthorized, "api-key-required", "The caller showed no credentials.", "Send an API key.") { Challenge = Scheme };

    public static readonly MeshProblem Malformed = Refusal("api-key-malformed", "It is not one key of the form that is given out here.");
    public static readonly MeshProblem Unknown = Refusal("api-key-unknown", "There is no such key, or no more.");
    public static readonly MeshProblem Expired = Refusal("api-key-expired", "It has expired.");

    public static readonly MeshProblem StoreUnavailable = new(
        StatusCodes.Status503ServiceUnavailable, "api-key-store-unavailable", "The API key cannot be checked now.", "The store of keys cannot be reached.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private static MeshProblem Refusal(string reason, string detail) => new(StatusCodes.Status401Unauthorized, reason, "The API key is not accepted.", detail)
    {
        Challenge = Scheme,
    };
}
