using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Problems;

/// <summary>
/// Finds pages for people in place of <c>application/problem+json</c>. An application that registers one in its services
/// decides for every refusal of the mesh but those of gRPC calls; status, <c>Retry-After</c> and <c>WWW-Authenticate</c> stay as they are.
/// </summary>
public interface IProblemPages
{
    /// <summary>The page for a refusal, or <see langword="null"/> for the usual answer. It must not throw, and it must not fetch anything: it is asked under attack too.</summary>
    /// <param name="problem">What the caller is told.</param>
    /// <param name="context">The request.</param>
    /// <param name="traceId">By which the refusal is found in logs and traces.</param>
    ProblemPage? Find(MeshProblem problem, HttpContext context, string traceId);
}
