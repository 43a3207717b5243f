using System.Net.Http.Headers;
using Mesh.Client.Retry;
using Mesh.Routing;

namespace Mesh.Client.Routing;

/// <summary>Carries out a rule's filters on a request, on a copy: the caller's message is never changed.</summary>
/// <remarks>Fields that describe a request's body (<c>Content-*</c>) stay as they are: they belong to the caller's content.</remarks>
internal static class RuleFilters
{
    private static readonly string[] ContentFields = ["Allow", "Expires", "Last-Modified"];

    public static HttpRequestMessage Apply(RouteRule rule, RouteBackend backend, int prefixLength, HttpRequestMessage request)
    {
        if (rule.RequestHeaders is null && rule.Rewrite is null && backend.RequestHeaders is null)
        {
            return request;
        }

        var uri = request.RequestUri!;
        var copy = RequestCopy.Of(request, rule.Rewrite is { } rewrite ? Rewrite(rewrite, prefixLength, uri) : uri);
        if (rule.Rewrite?.Hostname is { } hostname)
        {
            copy.Headers.Host = hostname;
        }

        if (rule.RequestHeaders is { } headers)
        {
            Modify(headers, copy.Headers, null);
        }

        ApplyRequestHeaders(backend, copy);
        return copy;
    }

    /// <summary>Carries out a backend's own changes, on a message that is the mesh's already.</summary>
    public static void ApplyRequestHeaders(RouteBackend backend, HttpRequestMessage copy)
    {
        if (backend.RequestHeaders is { } headers)
        {
            Modify(headers, copy.Headers, null);
        }
    }

    /// <summary>Changes a response: first what the backend says, then the rule, the way back.</summary>
    public static void Apply(RouteRule rule, RouteBackend? backend, HttpResponseMessage response)
    {
        if (backend?.ResponseHeaders is { } own)
        {
            Modify(own, response.Headers, response.Content.Headers);
        }

        if (rule.ResponseHeaders is { } headers)
        {
            Modify(headers, response.Headers, response.Content.Headers);
        }
    }

    private static Uri Rewrite(UrlRewrite rewrite, int prefixLength, Uri uri)
    {
        // The authority stays that of the service: it is the name endpoints and peers are known by.
        var path = rewrite.Apply(uri.AbsolutePath, prefixLength);
        return new Uri($"{uri.GetLeftPart(UriPartial.Authority)}{path}{uri.Query}");
    }

    private static void Modify(HeaderModifier modifier, HttpHeaders headers, HttpContentHeaders? content)
    {
        foreach (var header in modifier.Set)
        {
            var owner = OwnerOf(header.Name, headers, content);
            owner?.Remove(header.Name);
            owner?.TryAddWithoutValidation(header.Name, header.Value);
        }

        foreach (var header in modifier.Add)
        {
            OwnerOf(header.Name, headers, content)?.TryAddWithoutValidation(header.Name, header.Value);
        }

        foreach (var name in modifier.Remove)
        {
            OwnerOf(name, headers, content)?.Remove(name);
        }
    }

    // HttpHeaders throws when it is asked for a field that .NET keeps with the content.
    private static HttpHeaders? OwnerOf(string name, HttpHeaders headers, HttpContentHeaders? content) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || ContentFields.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? content
            : headers;
}
