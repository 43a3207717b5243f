using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>Why a token is refused that its issuer was asked about.</summary>
internal static class IntrospectionProblems
{
    public static readonly MeshProblem Inactive = ServerProblems.InvalidToken("token-inactive", "Its issuer does not accept it, or no more.");

    public static readonly MeshProblem Unavailable = new(
        StatusCodes.Status503ServiceUnavailable, "token-introspection-unavailable", "The token cannot be checked now.", "Its issuer cannot be asked.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
