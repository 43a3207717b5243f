using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;
using Mesh.Server.Authentication.Places;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
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
        SeenToken? first = null;
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

            var seen = request.Connection?.LastToken;
            if (seen is null || !seen.Is(source, text.Span) || !seen.Token.IsFresh(time.GetUtcNow()))
            {
                var result = await source.CheckAsync(text, http.RequestAborted).ConfigureAwait(false);
                if (result.Token is null)
                {
                    return result;
                }

                seen = new SeenToken(source, text, result.Token);
                request.Connection?.LastToken = seen;
            }

            var token = seen.Token;
            if (token.CertificateThumbprint is { } thumbprint && !IsShown(http.Connection.ClientCertificate, thumbprint) && !IsForwarded(request.ForwardedClient, thumbprint))
            {
                return TokenResult.Refuse(TokenProblems.Binding);
            }

            Tell(http.Request, source.Location, token);
            first ??= seen;
        }

        request.CallerToken = first?.Caller;
        return new TokenResult(first?.Token, null);
    }

    /// <summary>Takes all tokens out of a request.</summary>
    public void Remove(HttpRequest request)
    {
        foreach (var source in sources)
        {
            // What is there and no token, as credentials of another scheme, is somebody else's.
            if (source.Location.TryFind(request, out _, out _))
            {
                source.Location.Remove(request);
            }
        }
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
