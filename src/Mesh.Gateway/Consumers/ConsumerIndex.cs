using System.Collections.Frozen;
using System.Security.Cryptography;
using Mesh.Authorization;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Consumers;

/// <summary>Finds the consumer of a request: one lookup for each credential that it shows.</summary>
internal sealed class ConsumerIndex
{
    private readonly FrozenDictionary<Credential, Caller> _callers;
    private readonly bool _hasTokens;
    private readonly bool _hasIds;
    private readonly bool _hasCertificates;

    public ConsumerIndex(IEnumerable<KeyValuePair<string, ConsumerOptions>> consumers, IReadOnlyDictionary<string, Plan> plans)
    {
        _callers = (from consumer in consumers
                    from credential in CredentialsOf(consumer.Key, consumer.Value)
                    select KeyValuePair.Create(credential, new Caller(consumer.Key, consumer.Key, plans[consumer.Value.Plan]))).ToFrozenDictionary();
        _hasTokens = Has(CredentialKind.Subject) || Has(CredentialKind.Client);
        _hasIds = Has(CredentialKind.SpiffeId);
        _hasCertificates = Has(CredentialKind.Certificate);
    }

    /// <summary>By what a consumer is found.</summary>
    public static IEnumerable<Credential> CredentialsOf(string name, ConsumerOptions consumer)
    {
        if (consumer.ApiKeys.Count + consumer.Tokens.Count + consumer.Certificates.Count == 0)
        {
            return [new Credential(CredentialKind.ApiKey, name)];
        }

        return
        [
            .. consumer.ApiKeys.Select(static key => new Credential(CredentialKind.ApiKey, key)),
            .. consumer.Tokens.Select(static token => string.IsNullOrEmpty(token.Subject)
                ? new Credential(CredentialKind.Client, token.ClientId ?? "", token.Issuer)
                : new Credential(CredentialKind.Subject, token.Subject, token.Issuer)),
            .. consumer.Certificates.Select(static certificate => string.IsNullOrEmpty(certificate.Sha256)
                ? new Credential(CredentialKind.SpiffeId, certificate.SpiffeId ?? "")
                : new Credential(CredentialKind.Certificate, Canonical(certificate.Sha256))),
        ];
    }

    /// <summary>
    /// The consumer: by the API key, which was given out for nothing else, then by the token, of which the subject says more
    /// than the client, then by the certificate.
    /// </summary>
    public bool TryFind(HttpContext http, MeshRequest request, out Caller caller)
    {
        if (request.Consumer is { } key && _callers.TryGetValue(new Credential(CredentialKind.ApiKey, key), out caller))
        {
            return true;
        }

        return TryFindByToken(request, out caller) || TryFindByCertificate(http, request, out caller);
    }

    private bool TryFindByToken(MeshRequest request, out Caller caller)
    {
        // The claims of an API key have no issuer.
        caller = default;
        if (!_hasTokens || request.Claims is not { } claims || First(claims, "iss") is not { } issuer)
        {
            return false;
        }

        return TryFind(CredentialKind.Subject, First(claims, "sub"), issuer, out caller)
            || TryFind(CredentialKind.Client, First(claims, "client_id") ?? First(claims, "azp"), issuer, out caller);
    }

    private bool TryFindByCertificate(HttpContext http, MeshRequest request, out Caller caller)
    {
        caller = default;
        if (_hasIds && (TryFind(request.ForwardedClient?.Id, out caller) || TryFind(request.Peer, out caller)))
        {
            return true;
        }

        return _hasCertificates && (TryFindExact(request.ForwardedClient?.Hash, out caller) || TryFindExact(HashOf(http, request), out caller));
    }

    private bool TryFind(SpiffeId? id, out Caller caller)
    {
        caller = default;
        return id is not null && _callers.TryGetValue(new Credential(CredentialKind.SpiffeId, id.ToString()), out caller);
    }

    private bool TryFindExact(string? hash, out Caller caller)
    {
        caller = default;
        return hash is not null && _callers.TryGetValue(new Credential(CredentialKind.Certificate, Canonical(hash)), out caller);
    }

    private bool TryFind(CredentialKind kind, string? value, string issuer, out Caller caller)
    {
        caller = default;
        return value is not null && _callers.TryGetValue(new Credential(kind, value, issuer), out caller);
    }

    // Exactly this certificate was shown in a handshake, which proves its key: who signed it adds nothing.
    private static string? HashOf(HttpContext http, MeshRequest request) => request.PeerCertificate?.Hash
        ?? (http.Connection.ClientCertificate is { } certificate ? Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span)) : null);

    private static string? First(TokenClaims claims, string name) => claims.Find(name) is { Length: > 0 } values ? values[0] : null;

    private static string Canonical(string sha256) => ConsumerCertificateOptions.Normalize(sha256).ToUpperInvariant();

    private bool Has(CredentialKind kind) => _callers.Keys.Any(credential => credential.Kind == kind);
}
