using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Pages;

/// <summary>Whether who asks is a person with a browser: RFC 9110, 12.5.1.</summary>
internal static class PagePreference
{
    // Browsers send some hundred characters; who sends more is not worth the work.
    private const int MaxLength = 1024;

    /// <summary>Whether <c>text/html</c> is wanted more than JSON, and not by a script. Who takes anything gets JSON.</summary>
    public static bool IsForHtml(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        if (IsByScript(request.Headers) || accept.Count != 1 || accept[0] is not { Length: <= MaxLength } text || !text.Contains("html", StringComparison.OrdinalIgnoreCase)
            || !MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return false;
        }

        var html = Quality(ranges, "text", "html");
        return html > 0 && html > Math.Max(Quality(ranges, "application", "problem+json"), Quality(ranges, "application", "json"));
    }

    // Browsers say what they will do with the answer (Fetch Metadata); a page has no use for a script or inside of another page.
    private static bool IsByScript(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Mode"].ToString() is not ("" or "navigate")
        || headers["Sec-Fetch-Dest"].ToString() is not ("" or "document")
        || headers.XRequestedWith.Count > 0;

    // The most specific range that covers a type says how much it is wanted.
    private static double Quality(IList<MediaTypeHeaderValue> ranges, string type, string subtype)
    {
        var quality = 0d;
        var best = 0;
        foreach (var range in ranges)
        {
            var rank = range.MatchesAllTypes ? 1
                : !range.Type.Equals(type, StringComparison.OrdinalIgnoreCase) ? 0
                : range.MatchesAllSubTypes ? 2
                : range.SubType.Equals(subtype, StringComparison.OrdinalIgnoreCase) ? 3
                : 0;
            if (rank > best)
            {
                best = rank;
                quality = range.Quality ?? 1;
            }
        }

        return quality;
    }
}
