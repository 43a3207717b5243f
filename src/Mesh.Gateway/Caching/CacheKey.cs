using System.Text;
using Mesh.Gateway.Routing;
using Mesh.Routing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Caching;

/// <summary>Under what answers are kept: everything that chooses the service and what it is asked.</summary>
/// <remarks>A line break separates the parts: neither targets nor header fields can hold one.</remarks>
internal static class CacheKey
{
    /// <summary>Host and path.</summary>
    public static string TargetOf(HttpRequest request, in GatewayTarget target) =>
        string.Concat((request.Host.Value ?? "").ToLowerInvariant(), "\n", target.Path);

    public static string Of(HttpRequest request, RouteRule rule, in GatewayTarget target, string hostAndPath) =>
        string.Concat($"{rule.RouteName}\n{rule.Name}\n{request.Scheme}\n", hostAndPath, target.Query);

    /// <summary>The key of the answer among those of a resource that this request gets.</summary>
    public static string Vary(string key, string[] names, IHeaderDictionary headers)
    {
        var text = new StringBuilder(key);
        foreach (var name in names)
        {
            text.Append('\n').Append(name);
            foreach (var value in headers[name])
            {
                text.Append('\n').Append(' ').Append(value.AsSpan().Trim());
            }
        }

        return text.ToString();
    }
}
