using Mesh.Server.Problems;

namespace Mesh.Server.Authentication;

/// <summary>Why a token is refused. The words say what kind of check failed, never what would have passed it.</summary>
internal static class TokenProblems
{
    public static readonly MeshProblem Malformed = ServerProblems.InvalidToken("token-malformed", "It is not one well-formed JSON Web Token.");
    public static readonly MeshProblem TooLarge = ServerProblems.InvalidToken("token-too-large", "It is longer than 16 KB.");
    public static readonly MeshProblem Algorithm = ServerProblems.InvalidToken("token-algorithm", "It must be signed with RS, PS or ES 256, 384 or 512.");
    public static readonly MeshProblem WrongType = ServerProblems.InvalidToken("token-type", "Its 'typ' is not that of an access token.");
    public static readonly MeshProblem CriticalHeader = ServerProblems.InvalidToken("token-critical-header", "It demands an extension that is not understood.");
    public static readonly MeshProblem Issuer = ServerProblems.InvalidToken("token-issuer", "Its issuer is not accepted here.");
    public static readonly MeshProblem Audience = ServerProblems.InvalidToken("token-audience", "It is not meant for this service.");
    public static readonly MeshProblem Expired = ServerProblems.InvalidToken("token-expired", "It has expired.");
    public static readonly MeshProblem NotYetValid = ServerProblems.InvalidToken("token-not-yet-valid", "It is not valid yet.");
    public static readonly MeshProblem NoExpiry = ServerProblems.InvalidToken("token-no-expiry", "It does not say when it expires.");
    public static readonly MeshProblem UnknownKey = ServerProblems.InvalidToken("token-unknown-key", "Its issuer does not publish the key it names.");
    public static readonly MeshProblem Signature = ServerProblems.InvalidToken("token-signature", "Its signature does not verify.");
    public static readonly MeshProblem Binding = ServerProblems.InvalidToken("token-binding", "It can only be used with the certificate it is bound to.");
}
