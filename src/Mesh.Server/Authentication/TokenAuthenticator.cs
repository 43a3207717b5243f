using System.Buffers.Text;
using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Server.Problems;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Server.Authentication;

/// <summary>
/// Checks the bearer token of a request. The checks stand in the order of their cost: what a stranger can make up is
/// refused before a hash, a look-up, a fetch or a signature is spent on it.
/// </summary>
internal sealed class TokenAuthenticator(FrozenDictionary<string, JwtIssuer> issuers, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    private readonly ValidatedTokenCache _cache = new();

    /// <summary>Checks the value of <c>Authorization</c>. Another scheme than Bearer is the application's business.</summary>
    public ValueTask<TokenResult> AuthenticateAsync(StringValues authorization, CancellationToken cancellationToken)
    {
        if (authorization.Count != 1)
        {
            return new(HasBearer(authorization) ? TokenResult.Refuse(TokenProblems.Malformed) : default);
        }

        var value = authorization[0];
        if (value is null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return new(IsBareScheme(value) ? TokenResult.Refuse(TokenProblems.Malformed) : default);
        }

        var text = value[Scheme.Length..].Trim(' ');
        if (text.Length > TokenEnvelope.MaxLength)
        {
            return new(TokenResult.Refuse(TokenProblems.TooLarge));
        }

        var hash = TokenHash.Of(text);
        return _cache.Find(hash, time.GetUtcNow()) is { } known
            ? new(new TokenResult(known, null))
            : ValidateAsync(text, hash, cancellationToken);
    }

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

        var token = new ValidatedToken(result.ClaimsIdentity, ClaimsOf((JsonWebToken)result.SecurityToken), envelope, issuer, keys);
        _cache.Add(hash, token);
        return new TokenResult(token, null);
    }

    private static TokenClaims ClaimsOf(JsonWebToken token) => TokenClaims.Parse(Base64Url.DecodeFromChars(token.EncodedPayload));

    private static MeshProblem Explain(Exception exception) => exception switch
    {
        SecurityTokenInvalidAudienceException => TokenProblems.Audience,
        SecurityTokenInvalidIssuerException => TokenProblems.Issuer,
        SecurityTokenInvalidSignatureException => TokenProblems.Signature,
        _ => TokenProblems.Malformed,
    };

    private static bool HasBearer(StringValues authorization)
    {
        foreach (var value in authorization)
        {
            if (value?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true)
            {
                return true;
            }
        }

        return false;
    }

    // "Bearer" with nothing behind it: Kestrel has trimmed the space.
    private static bool IsBareScheme(string? value) => value?.Equals("Bearer", StringComparison.OrdinalIgnoreCase) == true;
}
