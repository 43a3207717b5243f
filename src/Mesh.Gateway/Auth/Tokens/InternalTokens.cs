using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mesh.Routing.Auth;
using Mesh.Server.Pipeline;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>
/// Issues the tokens in which backends are told who a caller is. A token serves all requests of a caller to one backend until a
/// third of its life is left. What is known of a caller goes with its credentials: nothing is kept longer than those.
/// </summary>
internal sealed class InternalTokens(string issuer, TimeSpan lifetime, string jwksPath, SigningKeyRing keys, TimeProvider time)
{
    private readonly ConditionalWeakTable<object, ConcurrentDictionary<(string Audience, string Kind), Issued>> _issued = [];
    private readonly TimeSpan _reusedFor = lifetime * 2 / 3;

    /// <summary>Where the public keys are.</summary>
    public string JwksPath => jwksPath;

    public ReadOnlyMemory<byte> WriteJwks() => keys.WriteJwks();

    /// <summary>The value of the header field for a backend.</summary>
    /// <returns><see langword="null"/> for a caller who showed nothing.</returns>
    public string? Find(MeshRequest request, BackendToken wanted, string service)
    {
        // The claims of a token that comes again are the same object, and so is the identity of a connection.
        if (((object?)request.Claims ?? request.Peer) is not { } caller)
        {
            return null;
        }

        var issued = _issued.GetOrCreateValue(caller);
        var kind = (wanted.Audience ?? service, wanted.Fingerprint);
        var key = keys.Current;
        if (!issued.TryGetValue(kind, out var token) || token.Key != key || time.GetElapsedTime(token.Since) >= _reusedFor)
        {
            keys.Refresh();
            key = keys.Current;
            token = Issue(request, wanted, kind.Item1, key);
            issued[kind] = token;
        }

        return wanted.IsBearer ? token.Bearer : token.Text;
    }

    private Issued Issue(MeshRequest request, BackendToken wanted, string audience, SigningKey key)
    {
        var text = TokenWriter.Write(key, issuer, audience, CallerSubject.Of(request), request.Claims, wanted.Claims, time.GetUtcNow(), lifetime);
        return new Issued(text, $"Bearer {text}", key, time.GetTimestamp());
    }

    private sealed record Issued(string Text, string Bearer, SigningKey Key, long Since);
}
