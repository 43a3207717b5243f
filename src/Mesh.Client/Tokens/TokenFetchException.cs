namespace Mesh.Client.Tokens;

/// <summary>How the built-in source says that it has no token.</summary>
internal sealed class TokenFetchException(TokenFailure failure) : Exception(failure.Message, failure.Cause)
{
    public TokenFailure Failure => failure;
}
