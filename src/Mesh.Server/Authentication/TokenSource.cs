using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text.Json;
using Mesh.Authorization;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Problems;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Server.Authentication;

/// <summary>
/// One place where tokens are looked for, with the issuers that are accepted there. The checks stand in the order of their
/// cost: what a stranger can make up is refused before a hash, a look-up, a fetch or a signature is spent on it.
/// </summary>
/// <param name="location">The place.</param>
/// <param name="issuers">By the name in <c>iss</c>.</param>
/// <param name="introspector">Who knows the tokens that are no JSON Web Tokens, or all tokens where there are no issuers.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenSource(TokenLocation location, FrozenDictionary<string, JwtIssuer> issuers, TokenIntrospector? introspector, TimeProvider time)
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    private readonly TokenCache<ValidatedToken> _cache = new();

    public TokenLocation Location => location;

    public ValueTask<TokenResult> CheckAsync(ReadOnlyMemory<char> token, CancellationToken cancellationToken)
    {
        if (token.Length > TokenEnvelope.MaxLength)
        {
            return new(TokenResult.Refuse(TokenProblems.TooLarge));
        }

        if (!TokenHash.TryOf(token.Span, out var hash))
        {
            return new(TokenResult.Refuse(TokenProblems.Malformed));
        }

        if (introspector is not null && (issuers.Count == 0 || !IsJwt(token.Span)))
        {
            return introspector.AskAsync(token, hash, cancellationToken);
        }

        return _cache.Find(hash, time.GetUtcNow()) is { } known
            ? new(new TokenResult(known, null))
            : ValidateAsync(token.ToString(), hash, cancellationToken);
    }

    // RFC 7515, 3.1: three parts. Who sends an opaque token with two dots in it is told that it is malformed, and asks nobody.
    private static bool IsJwt(ReadOnlySpan<char> token) => token.Count('.') == 2;

    private async ValueTask<TokenResult> ValidateAsync(string text, TokenHash hash, CancellationToken cancellationToken)
    {
        if (!TokenEnvelope.TryOpen(text, out var envelope, out var problem))
        {
            return TokenResult.Refuse(problem);
        }

        if (!issuers.TryGetValue(envelope.Issuer, out var issuer))
        {
            return TokenResult.Refuse(TokenProblems.Issuer);
        }

        var now = time.GetUtcNow();
        if (now >= envelope.ExpiresAt + issuer.ClockSkew)
        {
            return TokenResult.Refuse(TokenProblems.Expired);
        }

        if (now + issuer.ClockSkew < envelope.NotBefore)
        {
            return TokenResult.Refuse(TokenProblems.NotYetValid);
        }

        if (issuer.RequiresBinding && envelope.CertificateThumbprint is null)
        {
            return TokenResult.Refuse(TokenProblems.Binding);
        }

        if (await issuer.Keys.GetAsync(envelope.KeyId, cancellationToken).ConfigureAwait(false) is not { } keys)
        {
            return TokenResult.Refuse(ServerProblems.KeysUnavailable);
        }

        var candidates = keys.CandidatesFor(envelope);
        if (candidates.Length == 0)
        {
            return TokenResult.Refuse(TokenProblems.UnknownKey);
        }

        var result = await Handler.ValidateTokenAsync(text, issuer.Parameters(envelope.Algorithm, candidates)).ConfigureAwait(false);
        if (!result.IsValid)
        {
            return TokenResult.Refuse(Explain(result.Exception));
        }

        if (!TryReadClaims((JsonWebToken)result.SecurityToken, out var claims))
        {
            return TokenResult.Refuse(TokenProblems.Malformed);
        }

        var token = new ValidatedToken(result.ClaimsIdentity, claims, issuer.Name, envelope.Subject, envelope.ExpiresAt)
        {
            CertificateThumbprint = envelope.CertificateThumbprint,
            Issuer = issuer,
            Keys = keys,
            Fields = issuer.Output?.FieldsOf(claims, ((JsonWebToken)result.SecurityToken).EncodedPayload) ?? [],
        };
        _cache.Add(hash, token);
        return new TokenResult(token, null);
    }

    // Well-formed JSON may hold what is not text: a lone surrogate, or bytes that are not UTF-8.
    private static bool TryReadClaims(JsonWebToken token, out TokenClaims claims)
    {
        claims = null!;
        try
        {
            claims = TokenClaims.Parse(Base64Url.DecodeFromChars(token.EncodedPayload));
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static MeshProblem Explain(Exception exception) => exception switch
    {
        SecurityTokenInvalidAudienceException => TokenProblems.Audience,
        SecurityTokenInvalidIssuerException => TokenProblems.Issuer,
        SecurityTokenInvalidSignatureException => TokenProblems.Signature,
        _ => TokenProblems.Malformed,
    };
}
