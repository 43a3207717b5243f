using Mesh.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Forwarding;

/// <summary>Carries out a rule's header filters.</summary>
internal static class RuleHeaders
{
    public static void Apply(HeaderModifier modifier, HttpRequestMessage request)
    {
        foreach (var name in modifier.Remove)
        {
            Remove(request, name);
        }

        foreach (var header in modifier.Set)
        {
            Remove(request, header.Name);
            Add(request, header);
        }

        foreach (var header in modifier.Add)
        {
            Add(request, header);
        }
    }

    public static void Apply(HeaderModifier modifier, IHeaderDictionary headers)
    {
        foreach (var name in modifier.Remove)
        {
            headers.Remove(name);
        }

        foreach (var header in modifier.Set)
        {
            headers[header.Name] = header.Value;
        }

        foreach (var header in modifier.Add)
        {
            headers[header.Name] = StringValues.Concat(headers[header.Name], header.Value);
        }
    }

    private static void Add(HttpRequestMessage request, RouteHeader header)
    {
        if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value))
        {
            request.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }
    }

    private static void Remove(HttpRequestMessage request, string name)
    {
        // HttpHeaders.Remove throws for a field of the other kind instead of finding nothing.
        if (request.Headers.NonValidated.Contains(name))
        {
            request.Headers.Remove(name);
        }
        else if (request.Content is { } content && content.Headers.NonValidated.Contains(name))
        {
            content.Headers.Remove(name);
        }
    }
}
