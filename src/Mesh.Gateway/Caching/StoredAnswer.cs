using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Caching;

/// <summary>Writes a kept response.</summary>
internal static class StoredAnswer
{
    public const string StatusField = "Cache-Status";

    // What a 304 says again (RFC 9110, 15.4.5).
    private static readonly string[] SaidAgain =
        [HeaderNames.CacheControl, HeaderNames.ContentLocation, HeaderNames.Date, HeaderNames.ETag, HeaderNames.Expires, HeaderNames.LastModified, HeaderNames.Vary];

    public static Task WriteAsync(HttpContext http, CacheEntry entry, DateTimeOffset now, string status)
    {
        var response = http.Response;
        var isKnown = IsKnown(http.Request.Headers, entry);
        foreach (var (name, values) in entry.Headers)
        {
            if (!isKnown || Array.Exists(SaidAgain, said => said.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                response.Headers[name] = values;
            }
        }

        response.Headers[HeaderNames.Age] = ((long)entry.Freshness.AgeAt(now).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        Say(response.Headers, status);
        if (isKnown)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.StatusCode = entry.Status;
        if (entry.Status != StatusCodes.Status204NoContent)
        {
            response.ContentLength = entry.Body.Length;
        }

        return entry.Body.Length == 0 || HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(entry.Body, http.RequestAborted).AsTask();
    }

    /// <summary>Adds what this cache has done to what others on the way have (RFC 9211).</summary>
    public static void Say(IHeaderDictionary headers, string status) => headers[StatusField] = StringValues.Concat(headers[StatusField], status);

    // RFC 9110, 13.1.2 and 13.1.3; the second only without the first.
    private static bool IsKnown(IHeaderDictionary request, CacheEntry entry)
    {
        if (entry.Status != StatusCodes.Status200OK)
        {
            return false;
        }

        if (request.IfNoneMatch.Count > 0)
        {
            return entry.ETag is not null
                && EntityTagHeaderValue.TryParse(entry.ETag, out var own)
                && EntityTagHeaderValue.TryParseList(request.IfNoneMatch, out var tags)
                && tags.Any(tag => tag == EntityTagHeaderValue.Any || tag.Compare(own, useStrongComparison: false));
        }

        return HeaderUtilities.TryParseDate(request.IfModifiedSince.ToString(), out var since)
            && HeaderUtilities.TryParseDate(entry.LastModified, out var modified)
            && modified <= since;
    }
}
