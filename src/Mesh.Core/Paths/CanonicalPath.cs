using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Mesh.Paths;

/// <summary>
/// The one spelling of a request's path that is routed, authorized and forwarded, so that no other spelling of the same
/// resource can slip past a rule.
/// </summary>
/// <remarks>
/// Escapes of unreserved characters are decoded, other escapes get upper-case digits, characters that must be escaped
/// are (RFC 3986, 6.2.2). A backslash is a slash, slashes are merged, <c>.</c> and <c>..</c> segments resolved. Refused,
/// because servers disagree about what they mean: escaped slashes (unless <see cref="PathRules"/> say otherwise),
/// backslashes and control characters, malformed escapes, overlong UTF-8, dot segments with path parameters (<c>..;x</c>), and characters outside printable ASCII.
/// </remarks>
public static class CanonicalPath
{
    /// <summary>The longest target in characters, before and after.</summary>
    public const int MaxLength = 8192;

    internal const string EscapedSlash = "%2F";

    private const int StackLimit = 512;

    // RFC 3986, 3.3: pchar without percent-encoded, and the slash between segments.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/");

    private static readonly SearchValues<char> VisibleAscii =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(static code => (char)code)]);

    /// <summary>Brings the path of a target in origin-form (<c>/path?query</c>) into canonical form.</summary>
    /// <param name="target">The target as it was received.</param>
    /// <param name="path">The canonical path; <paramref name="target"/> itself when that is one already.</param>
    /// <param name="queryStart">Where in <paramref name="target"/> the query begins, with its question mark; its length when it has none.</param>
    /// <param name="error">What is wrong, in words that can be shown to the caller.</param>
    public static bool TryCreate(
        string target,
        [NotNullWhen(true)] out string? path,
        out int queryStart,
        [NotNullWhen(false)] out string? error) => TryCreate(target, PathRules.None, out path, out queryStart, out error);

    /// <inheritdoc cref="TryCreate(string, out string?, out int, out string?)"/>
    /// <param name="target">The target as it was received.</param>
    /// <param name="rules">What the path may have in it.</param>
    /// <param name="path">The canonical path; <paramref name="target"/> itself when that is one already.</param>
    /// <param name="queryStart">Where in <paramref name="target"/> the query begins, with its question mark; its length when it has none.</param>
    /// <param name="error">What is wrong, in words that can be shown to the caller.</param>
    public static bool TryCreate(
        string target,
        PathRules rules,
        [NotNullWhen(true)] out string? path,
        out int queryStart,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(target);
        path = null;
        queryStart = target.IndexOf('?', StringComparison.Ordinal);
        queryStart = queryStart < 0 ? target.Length : queryStart;
        var raw = target.AsSpan(0, queryStart);
        error = FindTargetError(target, queryStart) ?? FindRuleError(raw, rules);
        if (error is not null)
        {
            return false;
        }

        if (IsPlain(raw))
        {
            path = Cut(target, queryStart);
            return true;
        }

        if ((rules & PathRules.DecodeEncodedSlashes) != 0 && raw.Contains(EscapedSlash, StringComparison.OrdinalIgnoreCase))
        {
            raw = raw.ToString().Replace(EscapedSlash, "/", StringComparison.OrdinalIgnoreCase);
        }

        // A character grows to three at most, by being escaped.
        char[]? rented = null;
        var buffer = raw.Length * 3 <= StackLimit ? stackalloc char[StackLimit] : rented = ArrayPool<char>.Shared.Rent(raw.Length * 3);
        try
        {
            error = PathNormalizer.Normalize(raw, (rules & PathRules.KeepEncodedSlashes) != 0, buffer, out var length);
            if (error is null && length > MaxLength)
            {
                error = $"the path is longer than {MaxLength} characters";
            }

            path = error is not null ? null : buffer[..length].SequenceEqual(target.AsSpan(0, queryStart)) ? Cut(target, queryStart) : new string(buffer[..length]);
            return path is not null;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
            }
        }
    }

    private static string? FindTargetError(string target, int queryStart)
    {
        if (target.Length > MaxLength)
        {
            return $"the target is longer than {MaxLength} characters";
        }

        // A backslash counts as a slash everywhere, so also in front.
        if (queryStart == 0 || target[0] is not ('/' or '\\'))
        {
            return "the path does not begin with a slash";
        }

        if (target.AsSpan().ContainsAnyExcept(VisibleAscii))
        {
            return "the target has a space, a control character or one outside ASCII";
        }

        return target.Contains('#', StringComparison.Ordinal) ? "the target has a fragment" : null;
    }

    private static string? FindRuleError(ReadOnlySpan<char> path, PathRules rules) =>
        (rules & PathRules.RefuseEncodedPercent) != 0 && path.Contains("%25", StringComparison.Ordinal) ? "the path has an escaped percent sign"
        : (rules & PathRules.RefuseParameters) != 0 && (path.Contains(';') || path.Contains("%3B", StringComparison.OrdinalIgnoreCase)) ? "the path has a parameter"
        : null;

    private static bool IsPlain(ReadOnlySpan<char> path) =>
        !path.ContainsAnyExcept(Plain) && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal);

    private static string Cut(string target, int end) => end == target.Length ? target : target[..end];
}
