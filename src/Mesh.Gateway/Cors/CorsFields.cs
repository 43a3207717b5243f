using Mesh.Routing.Cors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Cors;

/// <summary>Writes the CORS fields of a rule into responses (Fetch, 3.2.3).</summary>
internal static class CorsFields
{
    /// <summary>Sets the fields for a request of a page in the response as it begins, whoever answers: the fields of a service give way.</summary>
    public static void Register(HttpContext http, RouteCors cors) =>
        http.Response.OnStarting(static state => Apply((Pending)state), new Pending(http, cors));

    /// <summary>Answers a preflight. An origin, or a method, that is not allowed is not told anything.</summary>
    public static void AnswerPreflight(HttpContext http, RouteCors cors, string method)
    {
        var headers = http.Response.Headers;
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        AddVary(headers, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        if (!AllowOrigin(http, cors))
        {
            return;
        }

        headers.AccessControlAllowMethods = cors.Methods ?? (cors.AllowCredentials ? method : "*");
        var asked = http.Request.Headers.AccessControlRequestHeaders;
        if (cors.Headers is not { } named)
        {
            headers.AccessControlAllowHeaders = cors.AllowCredentials || asked.Count > 0 ? Sound(asked) : "*";
        }
        else if (named.Length > 0)
        {
            headers.AccessControlAllowHeaders = named;
        }

        headers.AccessControlMaxAge = cors.MaxAge;
    }

    private static Task Apply(Pending pending)
    {
        var (http, cors) = pending;
        var headers = http.Response.Headers;
        headers.Remove(HeaderNames.AccessControlAllowOrigin);
        headers.Remove(HeaderNames.AccessControlAllowCredentials);
        headers.Remove(HeaderNames.AccessControlExposeHeaders);
        AddVary(headers, "Origin");
        if (AllowOrigin(http, cors) && cors.ExposedHeaders is not "")
        {
            headers.AccessControlExposeHeaders = cors.ExposedHeaders ?? (cors.AllowCredentials ? NamesOf(headers) : "*");
        }

        return Task.CompletedTask;
    }

    private static bool AllowOrigin(HttpContext http, RouteCors cors)
    {
        if (http.Request.Headers.Origin is not [{ } origin] || !cors.Allows(origin))
        {
            return false;
        }

        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = cors.AllowsEveryOrigin ? "*" : origin;
        if (cors.AllowCredentials)
        {
            headers.AccessControlAllowCredentials = "true";
        }

        return true;
    }

    private static void AddVary(IHeaderDictionary headers, string fields)
    {
        if (!headers.Vary.ToString().Contains("Origin", StringComparison.OrdinalIgnoreCase))
        {
            headers.Vary = StringValues.Concat(headers.Vary, fields);
        }
    }

    // What is echoed was checked by nobody else.
    private static StringValues Sound(StringValues asked) => Hygiene.FieldSyntax.IsSound("a", asked) ? asked : default;

    private static string NamesOf(IHeaderDictionary headers) => string.Join(", ", headers.Keys);

    private sealed record Pending(HttpContext Http, RouteCors Cors);
}
