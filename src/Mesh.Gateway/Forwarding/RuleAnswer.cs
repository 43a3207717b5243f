using Mesh.Gateway.Routing;
using Mesh.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Forwarding;

/// <summary>Writes what a rule answers without sending the request on.</summary>
internal static class RuleAnswer
{
    /// <returns><see langword="null"/> when the rule sends its requests on.</returns>
    public static Task? WriteAsync(HttpContext http, in RouteSelection selection, in GatewayTarget target)
    {
        var rule = selection.Rule!;
        if (rule.Redirect is { } redirect)
        {
            http.Response.StatusCode = redirect.StatusCode;
            http.Response.Headers.Location = redirect.Locate(
                http.Request.Scheme, http.Request.Host.Value ?? "", target.Path, target.Query, selection.PrefixLength);
            return CompleteAsync(http, rule, default);
        }

        if (rule.DirectResponse is { } direct)
        {
            http.Response.StatusCode = direct.StatusCode;
            if (direct.Body.Length > 0)
            {
                http.Response.ContentType = direct.ContentType;
            }

            return CompleteAsync(http, rule, direct.Body);
        }

        return null;
    }

    private static Task CompleteAsync(HttpContext http, RouteRule rule, ReadOnlyMemory<byte> body)
    {
        if (rule.ResponseHeaders is { } modifier)
        {
            RuleHeaders.Apply(modifier, http.Response.Headers);
        }

        if (!RequiresNoBody(http.Response.StatusCode))
        {
            http.Response.ContentLength = body.Length;
        }

        return body.IsEmpty || HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static bool RequiresNoBody(int status) => status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
}
