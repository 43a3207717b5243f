using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>What an authorization decision is made from.</summary>
/// <param name="Peer">The SPIFFE ID of the connected peer; <see langword="null"/> without a verified certificate.</param>
/// <param name="RequestPrincipal"><c>{issuer}/{subject}</c> of the validated token; <see langword="null"/> without one.</param>
/// <param name="Host">The authority the request is for, with or without a port.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The canonical path, without query and fragment: the one the application is routed with.</param>
public readonly record struct AuthorizationRequest(SpiffeId? Peer, string? RequestPrincipal, string Host, string Method, string Path)
{
    /// <summary>Addresses, header fields and claims, for the policies that speak of them.</summary>
    /// <value>Default <see langword="null"/>: the request has none.</value>
    public IAuthorizationAttributes? Attributes { get; init; }
}
