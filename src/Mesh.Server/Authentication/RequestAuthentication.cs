using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication;

/// <summary>How callers prove who they are beyond their certificate: a compiled <see cref="MeshAuthenticationOptions"/>.</summary>
/// <param name="tokens"><see langword="null"/> when no token is accepted, and then none is looked at.</param>
/// <param name="reservedFields">The header fields that say what a token says: nobody but a token may.</param>
internal sealed class RequestAuthentication(TokenAuthenticator? tokens, string[] reservedFields)
{
    /// <summary>How somebody who showed nothing is asked to show something; <see langword="null"/> when nothing would help.</summary>
    public MeshProblem? Challenge { get; } = tokens is null ? null : ServerProblems.TokenRequired;

    /// <summary>The refusal, or <see langword="null"/> when the caller is who it says, or says nothing.</summary>
    public async ValueTask<MeshProblem?> AuthenticateAsync(HttpContext http, MeshRequest request)
    {
        foreach (var field in reservedFields)
        {
            http.Request.Headers.Remove(field);
        }

        // Browsers send no credentials with a preflight (Fetch, "CORS-preflight request"); who sends them all the same gains nothing.
        if (tokens is null || IsPreflight(http.Request))
        {
            return null;
        }

        var (token, problem) = await tokens.AuthenticateAsync(http).ConfigureAwait(false);
        request.Token = token;
        return problem;
    }

    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;
}
