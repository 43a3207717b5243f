using System.Collections.Frozen;
using System.Collections.Immutable;
using System.IO.Compression;
using Mesh.Configuration;

namespace Mesh.Routing.Compression;

/// <summary>A compiled compression filter. Immutable.</summary>
public sealed class RouteCompression
{
    private const string Brotli = "br";
    private const string Gzip = "gzip";
    private const string EveryKind = "/*";

    private static readonly string[] DefaultContentTypes =
    [
        "text/html", "text/css", "text/plain", "text/xml", "text/javascript", "application/javascript", "application/json",
        "application/problem+json", "application/manifest+json", "application/xml", "image/svg+xml",
    ];

    private readonly FrozenSet<string> _types;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private RouteCompression(ImmutableArray<string> encodings, IEnumerable<string> types, int minBytes, CompressionLevel level)
    {
        Encodings = encodings;
        MinBytes = minBytes;
        Level = level;
        _types = types.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _lookup = _types.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The content codings, the preferred one first: <c>br</c> and <c>gzip</c>.</summary>
    public ImmutableArray<string> Encodings { get; }

    /// <summary>A body known to be shorter is left alone, in bytes.</summary>
    public int MinBytes { get; }

    /// <summary>How much work goes into it.</summary>
    public CompressionLevel Level { get; }

    /// <summary>Whether bodies of this type are compressed.</summary>
    /// <param name="contentType">The value of <c>Content-Type</c>; parameters are ignored.</param>
    public bool Covers(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        var type = (end < 0 ? contentType : contentType[..end]).Trim();
        if (_lookup.Contains(type))
        {
            return true;
        }

        var slash = type.IndexOf('/');
        return slash > 0 && type.Length > slash + 1 && _lookup.TryGetValue(type[..slash], out _);
    }

    internal static RouteCompression Compile(CompressionOptions options, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < options.Encodings.Count; i++)
        {
            if (options.Encodings[i] is not (Brotli or Gzip) || options.Encodings.IndexOf(options.Encodings[i]) < i)
            {
                errors.Add($"{path}:{nameof(options.Encodings)}:{i}", options.Encodings[i], $"'{Brotli}' or '{Gzip}', each once");
            }
        }

        for (var i = 0; i < options.ContentTypes.Count; i++)
        {
            if (!IsType(options.ContentTypes[i]))
            {
                errors.Add($"{path}:{nameof(options.ContentTypes)}:{i}", options.ContentTypes[i], "a media type without parameters, such as 'application/json' or 'text/*'");
            }
        }

        if (options.MinBytes < 0)
        {
            errors.Add($"{path}:{nameof(options.MinBytes)}", options.MinBytes, $"a whole number from 0 to {int.MaxValue}");
        }

        // The slowest takes seconds for what the others do in milliseconds, and anybody could ask for it.
        if (options.Level is not (CompressionLevel.Fastest or CompressionLevel.Optimal))
        {
            errors.Add($"{path}:{nameof(options.Level)}", options.Level, $"{nameof(CompressionLevel.Fastest)} or {nameof(CompressionLevel.Optimal)}");
        }

        IEnumerable<string> types = options.ContentTypes.Count == 0 ? DefaultContentTypes : options.ContentTypes;
        return new RouteCompression(
            options.Encodings.Count == 0 ? [Brotli, Gzip] : [.. options.Encodings],

            // "text/*" is kept as "text", which is no media type.
            types.Select(static type => type.EndsWith(EveryKind, StringComparison.Ordinal) ? type[..^EveryKind.Length] : type),
            options.MinBytes,
            options.Level);
    }

    private static bool IsType(string text)
    {
        var slash = text.IndexOf('/');
        var subtype = text.AsSpan(slash + 1);
        return slash > 0
            && RouteSyntax.IsToken(text.AsSpan(0, slash))
            && !text.AsSpan(0, slash).Contains('*')
            && RouteSyntax.IsToken(subtype)
            && (subtype is "*" || !subtype.Contains('*'));
    }
}
