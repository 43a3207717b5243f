using Mesh.Configuration;
using Mesh.Gateway.Problems;
using Mesh.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>Publishes the keys by which backends know the gateway's tokens. It stands before the mesh: who asks for keys has shown nothing yet.</summary>
/// <param name="next">What follows.</param>
/// <param name="policies">Asked when requests come: at the start it may not be valid, and the start-up checks say so.</param>
internal sealed class JwksMiddleware(RequestDelegate next, Lazy<PolicySource<GatewayPolicy>> policies)
{
    public Task InvokeAsync(HttpContext http) =>
        policies.Value.Current.Tokens is { } tokens && http.Request.Path.Value == tokens.JwksPath ? WriteAsync(http, tokens) : next(http);

    private static Task WriteAsync(HttpContext http, InternalTokens tokens)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return GatewayProblems.MethodNotAllowed.WriteAsync(http);
        }

        var document = tokens.WriteJwks();
        http.Response.ContentType = "application/jwk-set+json";
        http.Response.ContentLength = document.Length;
        http.Response.Headers.CacheControl = "public, max-age=60";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(document, http.RequestAborted).AsTask();
    }
}
