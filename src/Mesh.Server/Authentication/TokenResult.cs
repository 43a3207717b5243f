using Mesh.Server.Problems;

namespace Mesh.Server.Authentication;

/// <summary>What became of a request's token: <see langword="default"/> when it has none.</summary>
/// <param name="Token">The token, when it was accepted.</param>
/// <param name="Problem">The answer to give, when it was not.</param>
internal readonly record struct TokenResult(ValidatedToken? Token, MeshProblem? Problem)
{
    public static TokenResult Refuse(MeshProblem problem) => new(null, problem);
}
