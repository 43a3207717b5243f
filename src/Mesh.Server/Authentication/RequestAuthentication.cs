using System.Text.Json;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Users;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Mesh.Server.Authentication;

/// <summary>How callers prove who they are beyond their certificate: a compiled <see cref="MeshAuthenticationOptions"/>.</summary>
/// <param name="tokens"><see langword="null"/> when no token is accepted, and then none is looked at.</param>
/// <param name="keys"><see langword="null"/> when no API key is accepted, and then none is looked at.</param>
/// <param name="reservedFields">The header fields that say what a token says: nobody but a token may.</param>
/// <param name="showsUser">Whether <c>HttpContext.User</c> is shown here, and not by ASP.NET's own middleware.</param>
internal sealed class RequestAuthentication(TokenAuthenticator? tokens, ApiKeyAuthenticator? keys, string[] reservedFields, bool showsUser)
{
    /// <summary>How somebody who showed nothing is asked to show something; <see langword="null"/> when nothing would help.</summary>
    public MeshProblem? Challenge { get; } = (tokens, keys) switch
    {
        (null, null) => null,
        (null, _) => ApiKeyProblems.Required,
        (_, null) => ServerProblems.TokenRequired,
        _ => ServerProblems.TokenRequired with { Challenge = $"{ServerProblems.TokenRequired.Challenge}, {ApiKeyProblems.Required.Challenge}" },
    };

    /// <summary>The refusal, or <see langword="null"/> when the caller is who it says, or says nothing.</summary>
    public async ValueTask<MeshProblem?> AuthenticateAsync(HttpContext http, MeshRequest request)
    {
        if (showsUser)
        {
            var feature = new CallerFeature(request);
            http.Features.Set<IHttpAuthenticationFeature>(feature);
            http.Features.Set<IAuthenticateResultFeature>(feature);
        }

        foreach (var field in reservedFields)
        {
            http.Request.Headers.Remove(field);
        }

        // Browsers send no credentials with a preflight (Fetch, "CORS-preflight request"); who sends them all the same gains nothing.
        if (Challenge is null || IsPreflight(http.Request))
        {
            return null;
        }

        if (tokens is not null)
        {
            (request.Token, var problem) = await tokens.AuthenticateAsync(http, request).ConfigureAwait(false);
            if (problem is not null)
            {
                return problem;
            }
        }

        if (keys is not null)
        {
            (request.ApiKey, var problem) = await keys.AuthenticateAsync(http).ConfigureAwait(false);
            return problem;
        }

        return null;
    }

    /// <summary>Who is accepted, for those who look after the service; neither secrets nor hashes.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("issuers");
        foreach (var issuer in (tokens?.Sources ?? []).SelectMany(static source => source.Issuers).Select(static rule => rule.Keys).Distinct())
        {
            writer.WriteStartObject();
            writer.WriteString("issuer", issuer.Issuer);
            writer.WriteNumber("keys", issuer.Count ?? 0);
            writer.WriteBoolean("failing", issuer.IsFailing);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (keys is not null)
        {
            writer.WriteNumber("apiKeys", keys.Count);
        }

        writer.WriteEndObject();
    }

    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;
}
