using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authorization;

/// <summary>An authorizer that is a delegate.</summary>
internal sealed class DelegateAuthorizer(Func<HttpContext, CancellationToken, ValueTask<AuthorizerDecision>> decide) : IMeshAuthorizer
{
    public ValueTask<AuthorizerDecision> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken) => decide(context, cancellationToken);
}
