using Mesh.Server.Problems;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>What became of a request's API key: <see langword="default"/> when it has none.</summary>
/// <param name="Key">The key, when it was accepted.</param>
/// <param name="Problem">The answer to give, when it was not.</param>
internal readonly record struct ApiKeyResult(ValidatedApiKey? Key, MeshProblem? Problem)
{
    public static ApiKeyResult Refuse(MeshProblem problem) => new(null, problem);
}
