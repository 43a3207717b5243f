using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Compression;

/// <summary>Chooses a content coding by <c>Accept-Encoding</c> (RFC 9110, 12.5.3).</summary>
internal static class AcceptedCoding
{
    // A list of thousands costs a comparison for each and says no more.
    private const int LongestField = 1024;

    /// <summary>The coding that the caller rates highest; of equals the first of <paramref name="encodings"/>.</summary>
    /// <returns><see langword="null"/> when it takes none, rates the plain body higher or writes nonsense.</returns>
    public static string? Choose(StringValues accepted, ImmutableArray<string> encodings)
    {
        if (accepted.Count == 0 || accepted.ToString().Length > LongestField || !StringWithQualityHeaderValue.TryParseList(accepted, out var rated))
        {
            return null;
        }

        string? best = null;
        var bestQuality = 0.0;
        foreach (var encoding in encodings)
        {
            var quality = QualityOf(encoding, rated);
            if (quality > bestQuality)
            {
                (best, bestQuality) = (encoding, quality);
            }
        }

        return IsNamed("identity", rated, out var plain) && plain > bestQuality ? null : best;
    }

    private static double QualityOf(string encoding, IList<StringWithQualityHeaderValue> rated) =>
        IsNamed(encoding, rated, out var quality)
        || (encoding == "gzip" && IsNamed("x-gzip", rated, out quality))
        || IsNamed("*", rated, out quality) ? quality : 0;

    private static bool IsNamed(string coding, IList<StringWithQualityHeaderValue> rated, out double quality)
    {
        foreach (var entry in rated)
        {
            if (entry.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            {
                quality = entry.Quality ?? 1;
                return true;
            }
        }

        quality = 0;
        return false;
    }
}
