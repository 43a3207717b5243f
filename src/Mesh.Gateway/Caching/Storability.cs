using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Caching;

/// <summary>What may be kept of the responses at all (RFC 9111, 3).</summary>
internal static class Storability
{
    private const int MostVaries = 16;

    /// <summary>Whether a response like this may be given to others, whatever it says about time.</summary>
    public static bool IsFit(int status, IHeaderDictionary headers) =>
        status is StatusCodes.Status200OK or StatusCodes.Status203NonAuthoritative or StatusCodes.Status204NoContent or StatusCodes.Status300MultipleChoices
            or StatusCodes.Status301MovedPermanently or StatusCodes.Status308PermanentRedirect or StatusCodes.Status404NotFound
            or StatusCodes.Status405MethodNotAllowed or StatusCodes.Status410Gone or StatusCodes.Status414UriTooLong or StatusCodes.Status501NotImplemented
        && headers.SetCookie.Count == 0
        && headers.ContentRange.Count == 0
        && headers.Trailer.Count == 0
        && !headers.ContainsKey("Clear-Site-Data")

        // Put in on purpose, for one request.
        && !headers.ContainsKey(MeshHeaders.Fault)
        && !IsStream(headers.ContentType.ToString());

    /// <summary>The fields that choose among responses, lower case, each once and in order.</summary>
    /// <returns><see langword="null"/> when nobody can know which answer is whose.</returns>
    public static string[]? ReadVary(StringValues vary)
    {
        if (vary.Count == 0)
        {
            return [];
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in vary.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "*" || (names.Add(name.ToLowerInvariant()) && names.Count > MostVaries))
            {
                return null;
            }
        }

        return [.. names];
    }

    // It has no end that would be worth waiting for.
    private static bool IsStream(string type) =>
        type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
