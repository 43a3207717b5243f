using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text.Json;
using Mesh.Authorization;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Authentication.Places;
using Mesh.Server.Problems;
using Microsoft.Extensions.Logging;
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
/// <param name="logger">Is told at Debug what the caller is not.</param>
internal sealed partial class TokenSource(TokenLocation location, FrozenDictionary<string, JwtIssuer> issuers, TokenIntrospector? introspector, TimeProvider time, ILogger logger)
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    private readonly TokenCache<ValidatedToken> _cache = new();

    public TokenLocation Location => location;

    /// <summary>The rules that hold there.</summary>
    public IEnumerable<JwtIssuer> Issuers => issuers.Values;

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
            Log.Unreadable(logger, problem.Reason);
            return TokenResult.Refuse(problem);
        }

        var result = await VerifyAsync(text, envelope, cancellationToken).ConfigureAwait(false);
        if (result.Token is { } token)
        {
            _cache.Add(hash, token);
        }
        else if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Refused(logger, result.Problem!.Reason, Printable(envelope.Issuer), envelope.Algorithm, Printable(envelope.KeyId), envelope.NotBefore, envelope.ExpiresAt);
        }

        return result;
    }

    private async ValueTask<TokenResult> VerifyAsync(string text, TokenEnvelope envelope, CancellationToken cancellationToken)
    {
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
        return new TokenResult(token, null);
    }

    // What a stranger writes must not begin a line of the log.
    private static string? Printable(string? text) => text is not null && text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Uri.EscapeDataString(text) : text;

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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "A token was refused before it was read: {Reason}.")]
        public static partial void Unreadable(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Debug, "A token that says it is from {Issuer}, signed with {Algorithm} and the key '{KeyId}', valid from {NotBefore:O} to {ExpiresAt:O}, was refused: {Reason}.")]
        public static partial void Refused(ILogger logger, string reason, string? issuer, string algorithm, string? keyId, DateTimeOffset notBefore, DateTimeOffset expiresAt);
    }
}
