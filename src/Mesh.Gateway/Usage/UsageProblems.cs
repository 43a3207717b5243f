using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Usage;

/// <summary>Why usage is not shown.</summary>
internal static class UsageProblems
{
    public static readonly MeshProblem BadQuery = new(
        StatusCodes.Status400BadRequest, "bad-usage-query", "The question cannot be read.", "'from' and 'to' are days such as 2027-01-31, and each parameter is there once.");
}
