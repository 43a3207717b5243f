using System.Net;
using Mesh.Routing;

namespace Mesh.Client.Routing;

/// <summary>What a rule answers without sending the request: as the service itself would, to the caller.</summary>
internal static class RuleAnswer
{
    /// <param name="rule">The rule.</param>
    /// <param name="prefixLength">How much of the path its prefix covers.</param>
    /// <param name="request">The request.</param>
    /// <param name="scheme">What the service speaks, where the request leaves that open.</param>
    /// <returns><see langword="null"/> when the rule sends its requests on.</returns>
    public static HttpResponseMessage? Of(RouteRule rule, int prefixLength, HttpRequestMessage request, string scheme)
    {
        HttpResponseMessage response;
        if (rule.Redirect is { } redirect)
        {
            response = new HttpResponseMessage((HttpStatusCode)redirect.StatusCode);
            response.Headers.TryAddWithoutValidation("Location", Locate(redirect, prefixLength, request.RequestUri!, scheme));
        }
        else if (rule.DirectResponse is { } direct)
        {
            response = new HttpResponseMessage((HttpStatusCode)direct.StatusCode);
            if (direct.Body.Length > 0 && request.Method != HttpMethod.Head)
            {
                response.Content = new ReadOnlyMemoryContent(direct.Body);
                response.Content.Headers.TryAddWithoutValidation("Content-Type", direct.ContentType);
            }
        }
        else
        {
            return null;
        }

        response.RequestMessage = request;
        RuleFilters.Apply(rule, null, response);
        return response;
    }

    private static string Locate(RouteRedirect redirect, int prefixLength, Uri uri, string scheme) => redirect.Locate(
        uri.Scheme.Contains('+', StringComparison.Ordinal) ? scheme : uri.Scheme,
        uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}",
        uri.AbsolutePath,
        uri.Query,
        prefixLength);
}
