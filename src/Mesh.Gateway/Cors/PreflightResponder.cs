using Mesh.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Gateway.Cors;

/// <summary>
/// Answers the preflight requests of browsers for rules that have a CORS filter. It stands in front of authentication, because a
/// preflight never carries credentials, and tells nothing but what the filter says.
/// </summary>
internal sealed class PreflightResponder(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (!HttpMethods.IsOptions(http.Request.Method)
            || headers.Origin.Count != 1
            || headers.AccessControlRequestMethod is not [{ Length: > 0 } method]
            || http.RequestServices.GetRequiredService<GatewayRouter>().FindFor(http, method)?.Cors is not { } cors)
        {
            return next(http);
        }

        CorsFields.AnswerPreflight(http, cors, method);
        return Task.CompletedTask;
    }
}
