using Mesh.Configuration;
using Mesh.Gateway.Routing;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Pages;

/// <summary>Shows people the pages of the policy in force.</summary>
internal sealed class GatewayPages(PolicySource<GatewayPolicy> policy) : IProblemPages
{
    public ProblemPage? Find(MeshProblem problem, HttpContext context, string traceId) =>
        policy.Current.Pages is { } pages && PagePreference.IsForHtml(context.Request) ? pages.Find(problem, traceId) : null;
}
