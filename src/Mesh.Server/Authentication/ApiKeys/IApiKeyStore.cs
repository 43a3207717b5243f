using Mesh.ApiKeys;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>
/// Where API keys are kept besides the configuration: register one as a singleton. It is asked for keys that the
/// configuration does not have, at each request: one that asks a database should remember the answers for a while.
/// </summary>
public interface IApiKeyStore
{
    /// <summary>Finds what is known of a key.</summary>
    /// <param name="hash">The hash of the key under one of <see cref="ApiKeyAuthenticationOptions.Secrets"/>.</param>
    /// <param name="cancellationToken">Fires when nobody waits any more.</param>
    /// <returns><see langword="null"/> when there is no such key, or no more. When this throws, the caller is answered 503.</returns>
    ValueTask<ApiKeyRecord?> FindAsync(ApiKeyHash hash, CancellationToken cancellationToken);
}
