using Mesh.Server.Problems;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>A token that its issuer does not accept, and until when that is believed.</summary>
internal sealed class RefusedToken(MeshProblem problem, DateTimeOffset expiresAt) : IExpiring
{
    public MeshProblem Problem => problem;

    public bool IsFresh(DateTimeOffset now) => now < expiresAt;
}
