using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authorization;

/// <summary>
/// Decides about the requests that authorization documents with the action <c>Custom</c> match. Registered under a name with
/// <c>services.AddMeshAuthorizer</c>; one instance for all requests.
/// </summary>
public interface IMeshAuthorizer
{
    /// <summary>Decides one request. Peer, token and path have been verified: <c>context.Features.Get&lt;MeshRequest&gt;()</c>.</summary>
    /// <param name="context">The request; its body has not been read and should not be.</param>
    /// <param name="cancellationToken">Fires when the caller has gone or its deadline has passed.</param>
    /// <returns>The decision. An exception is a refusal: 503, logged with the name of the authorizer.</returns>
    ValueTask<AuthorizerDecision> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken);
}
