using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Mesh.Server.Tls;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication;

/// <summary>
/// Finds the tokens of a request and checks them. Every token that is there must be valid, wherever it is; the first, in
/// the order of configuration, is who the caller is.
/// </summary>
internal sealed class TokenAuthenticator(TokenSource[] sources, TimeProvider time)
{
    public IReadOnlyList<TokenSource> Sources => sources;

    public async ValueTask<TokenResult> AuthenticateAsync(HttpContext http, MeshRequest request)
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

            var result = request.Connection?.LastToken is { } seen && seen.Is(source, text.Span) && seen.Token.IsFresh(time.GetUtcNow())
                ? new TokenResult(seen.Token, null)
                : await CheckAsync(source, text, http, request.Connection).ConfigureAwait(false);
            if (result.Token is not { } token)
            {
                return result;
            }

            if (token.CertificateThumbprint is { } thumbprint && !IsShown(http.Connection.ClientCertificate, thumbprint) && !IsForwarded(request.ForwardedClient, thumbprint))
            {
                return TokenResult.Refuse(TokenProblems.Binding);
            }

            Tell(http.Request, source.Location, token);
            first = first.Token is null ? result : first;
        }

        return first;
    }

    private static async ValueTask<TokenResult> CheckAsync(TokenSource source, ReadOnlyMemory<char> text, HttpContext http, PeerConnection? connection)
    {
        var result = await source.CheckAsync(text, http.RequestAborted).ConfigureAwait(false);
        if (result.Token is { } token && connection is not null)
        {
            connection.LastToken = new SeenToken(source, text, token);
        }

        return result;
    }

    /// <summary>Whether the caller has proved in the handshake that the certificate is its own (RFC 8705, section 3).</summary>
    private static bool IsShown(X509Certificate2? certificate, ReadOnlySpan<byte> thumbprint)
    {
        Span<byte> shown = stackalloc byte[SHA256.HashSizeInBytes];
        return certificate is not null
            && certificate.TryGetCertHash(HashAlgorithmName.SHA256, shown, out var length)
            && shown[..length].SequenceEqual(thumbprint);
    }

    /// <summary>Whether it has proved that to a proxy that is trusted to say so (RFC 8705, section 6.5).</summary>
    private static bool IsForwarded(ForwardedClientCertificate? certificate, ReadOnlySpan<byte> thumbprint)
    {
        Span<byte> shown = stackalloc byte[SHA256.HashSizeInBytes];
        return certificate?.Hash is { } hash
            && Convert.FromHexString(hash, shown, out _, out var length) == OperationStatus.Done
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
