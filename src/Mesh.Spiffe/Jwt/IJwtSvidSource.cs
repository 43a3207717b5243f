using Mesh.Identity;

namespace Mesh.Spiffe;

/// <summary>
/// JWT-SVIDs from the Workload API. Prefer mutual TLS where it is to be had: whoever sees a token can replay it until it expires.
/// </summary>
public interface IJwtSvidSource
{
    /// <summary>
    /// A token of this process for one audience: fetched when first asked for, fetched anew after half of its life, and kept
    /// until its end while the agent is away. Callers that ask together share one fetch.
    /// </summary>
    /// <param name="audience">Who is to accept it, usually the SPIFFE ID of the callee.</param>
    /// <param name="cancellationToken">Ends the waiting, not the fetch.</param>
    /// <exception cref="MeshIdentityException">The agent gives none; the message says why.</exception>
    ValueTask<JwtSvid> GetAsync(string audience, CancellationToken cancellationToken = default);

    /// <summary>Has the agent verify a token that somebody sent, of any trust domain it federates with.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audience">Who this process is to the sender; the token must name it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whose token it is; <see langword="null"/> when it is not valid.</returns>
    /// <exception cref="MeshIdentityException">The agent cannot be asked.</exception>
    ValueTask<SpiffeId?> ValidateAsync(string token, string audience, CancellationToken cancellationToken = default);
}
