using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Gateway.Forwarding;

/// <summary>Bounds the body of a request as its rule says, in place of what the server says.</summary>
internal static class BodyLimit
{
    /// <summary>One that announces more is refused before anybody reads it; one that does not say is cut off when it has grown too long.</summary>
    public static bool TryApply(HttpContext http, long limit)
    {
        if (http.Request.ContentLength > limit)
        {
            return false;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // It would count the frames of chunks as well.
            feature.MaxRequestBodySize = http.Request.ContentLength is null ? null : limit;
        }

        if (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
        {
            http.Request.Body = new LimitedStream(http.Request.Body, limit);
        }

        return true;
    }
}
