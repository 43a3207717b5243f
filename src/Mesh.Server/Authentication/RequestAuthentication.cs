using System.Text.Json;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Sessions;
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
/// <param name="sessions"><see langword="null"/> when there are no sessions of browsers.</param>
/// <param name="reservedFields">The header fields that say what a token says: nobody but a token may.</param>
/// <param name="showsUser">Whether <c>HttpContext.User</c> is shown here, and not by ASP.NET's own middleware.</param>
internal sealed class RequestAuthentication(TokenAuthenticator? tokens, ApiKeyAuthenticator? keys, ICallerSessions? sessions, string[] reservedFields, bool showsUser)
{
    /// <summary>How somebody who showed nothing is asked to show something; <see langword="null"/> when nothing would help.</summary>
    public MeshProblem? Challenge { get; } = (tokens, keys) switch
    {
        (null, null) => sessions is null ? null : ServerProblems.LoginRequired,
        (null, _) => ApiKeyProblems.Required,
        (_, null) => ServerProblems.TokenRequired,
        _ => ServerProblems.TokenRequired with { Challenge = $"{ServerProblems.TokenRequired.Challenge}, {ApiKeyProblems.Required.Challenge}" },
    };

    /// <summary>The refusal, or <see langword="null"/> when the caller is who it says, or says nothing.</summary>
    public async ValueTask<MeshProblem?> AuthenticateAsync(HttpContext http, MeshRequest request)
    {
        // Nobody can be shown where nothing is asked for.
        if (showsUser && (Challenge is not null || request.Peer is not null))
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
            if (problem is not null)
            {
                return problem;
            }
        }

        // What a program shows on purpose comes before what a browser sends by itself.
        if (sessions is not null && request is { Token: null, ApiKey: null })
        {
            request.Session = await sessions.FindAsync(http).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Asks a caller that showed nothing to log in, where it is a browser that can.</summary>
    /// <returns>Whether the request has been answered.</returns>
    public ValueTask<bool> TryChallengeAsync(HttpContext http) => sessions?.TryChallengeAsync(http) ?? default;

    /// <summary>Takes out of a request what was checked.</summary>
    public void Remove(HttpRequest http, MeshRequest request)
    {
        if (request.Token is not null)
        {
            tokens?.Remove(http);
        }

        if (request.ApiKey is not null)
        {
            keys?.Remove(http);
        }

        // Also one that is no longer valid: it is the secret of a browser.
        sessions?.Remove(http);
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
