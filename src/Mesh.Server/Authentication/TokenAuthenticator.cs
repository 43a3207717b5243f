using System.Security.Cryptography;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication;

/// <summary>
/// Finds the tokens of a request and checks them. Every token that is there must be valid, wherever it is; the first, in
/// the order of configuration, is who the caller is.
/// </summary>
internal sealed class TokenAuthenticator(TokenSource[] sources)
{
    public async ValueTask<TokenResult> AuthenticateAsync(HttpContext http)
    {
        TokenResult first = default;
        foreach (var source in sources)
        {
            if (!source.Location.TryFind(http.Request, out var text, out var problem))
            {
                continue;
            }

            if (problem is not null)
            {
                return TokenResult.Refuse(problem);
            }

            var result = await source.CheckAsync(text, http.RequestAborted).ConfigureAwait(false);
            if (result.Token is not { } token)
            {
                return result;
            }

            if (token.CertificateThumbprint is { } thumbprint && !IsShown(http, thumbprint))
            {
                return TokenResult.Refuse(TokenProblems.Binding);
            }

            Tell(http.Request, source.Location, token);
            first = first.Token is null ? result : first;
        }

        return first;
    }

    /// <summary>Whether the caller has proved in the handshake that the certificate is its own (RFC 8705, section 3).</summary>
    private static bool IsShown(HttpContext http, ReadOnlySpan<byte> thumbprint)
    {
        Span<byte> shown = stackalloc byte[SHA256.HashSizeInBytes];
        return http.Connection.ClientCertificate is { } certificate
            && certificate.TryGetCertHash(HashAlgorithmName.SHA256, shown, out var length)
            && shown[..length].SequenceEqual(thumbprint);
    }

    private static void Tell(HttpRequest request, TokenLocation location, ValidatedToken token)
    {
        foreach (var (name, value) in token.Fields)
        {
            request.Headers.TryAdd(name, value);
        }

        if (!token.IsForwarded)
        {
            location.Remove(request);
        }
    }
}
