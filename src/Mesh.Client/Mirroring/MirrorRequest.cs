using System.Net.Http.Headers;
using Mesh.Client.Retry;
using Mesh.Client.Routing;
using Mesh.Routing;

namespace Mesh.Client.Mirroring;

/// <summary>A request to be copied, as it was when it was routed: what its attempts and its owner do to it afterwards does not show.</summary>
internal sealed class MirrorRequest
{
    private static readonly string[] Credentials = ["Authorization", "Proxy-Authorization", "Cookie"];

    private readonly HttpRequestMessage _template;
    private readonly HttpContentHeaders? _bodyHeaders;

    public MirrorRequest(HttpRequestMessage request)
    {
        _template = RequestCopy.Of(request);
        _template.Content = null;
        _bodyHeaders = request.Content?.Headers;
    }

    /// <summary>Makes one copy.</summary>
    /// <param name="mirror">For whom.</param>
    /// <param name="body">The body, or <see langword="null"/> when there is none.</param>
    public HttpRequestMessage Create(RouteMirror mirror, byte[]? body)
    {
        var copy = RequestCopy.Of(_template);
        if (!mirror.KeepCredentials)
        {
            foreach (var name in Credentials)
            {
                copy.Headers.Remove(name);
            }
        }

        copy.Headers.Remove(MeshHeaders.Mirrored);
        copy.Headers.TryAddWithoutValidation(MeshHeaders.Mirrored, "1");
        if (body is not null)
        {
            copy.Content = new ByteArrayContent(body);
            foreach (var header in _bodyHeaders!.NonValidated)
            {
                if (!header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                {
                    copy.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
                }
            }
        }

        RuleFilters.ApplyRequestHeaders(mirror.Backend, copy);
        return copy;
    }
}
