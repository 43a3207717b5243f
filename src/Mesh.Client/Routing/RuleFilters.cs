using System.Net.Http.Headers;
using Mesh.Client.Retry;
using Mesh.Routing;

namespace Mesh.Client.Routing;

/// <summary>Carries out a rule's filters on a request, on a copy: the caller's message is never changed.</summary>
internal static class RuleFilters
{
    public static HttpRequestMessage Apply(RouteRule rule, int prefixLength, HttpRequestMessage request)
    {
        if (rule.RequestHeaders is null && rule.Rewrite is null)
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
            Modify(headers, copy.Headers);
        }

        return copy;
    }

    public static void Apply(RouteRule rule, HttpResponseMessage response)
    {
        if (rule.ResponseHeaders is { } headers)
        {
            Modify(headers, response.Headers);
        }
    }

    private static Uri Rewrite(UrlRewrite rewrite, int prefixLength, Uri uri)
    {
        // The authority stays that of the service: it is the name endpoints and peers are known by.
        var path = rewrite.Apply(uri.AbsolutePath, prefixLength);
        return new Uri($"{uri.GetLeftPart(UriPartial.Authority)}{path}{uri.Query}");
    }

    private static void Modify(HeaderModifier modifier, HttpHeaders headers)
    {
        foreach (var header in modifier.Set)
        {
            headers.Remove(header.Name);
            headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        foreach (var header in modifier.Add)
        {
            headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        foreach (var name in modifier.Remove)
        {
            headers.Remove(name);
        }
    }
}
