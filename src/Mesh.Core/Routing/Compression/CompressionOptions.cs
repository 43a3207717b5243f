using System.IO.Compression;
using Mesh.Configuration;

namespace Mesh.Routing.Compression;

/// <summary>Which responses are compressed for callers that take it, and how.</summary>
public sealed class CompressionOptions
{
    /// <summary>The codings, the preferred one first: <c>br</c> and <c>gzip</c>. A caller that rates them differently decides.</summary>
    /// <value>Default: empty, which is <c>br</c> and then <c>gzip</c>.</value>
    public List<string> Encodings { get; set; } = [];

    /// <summary>The media types that are compressed: <c>application/json</c>, or all of a kind (<c>text/*</c>).</summary>
    /// <value>Default: empty, which is HTML, CSS, plain text, JavaScript, JSON, XML and SVG.</value>
    public List<string> ContentTypes { get; set; } = [];

    /// <summary>A shorter body is left alone, in bytes: 0 to 2,147,483,647. One that does not say how long it will be is compressed.</summary>
    /// <value>Default 1024.</value>
    public int MinBytes { get; set; } = 1024;

    /// <summary><see cref="CompressionLevel.Fastest"/> or <see cref="CompressionLevel.Optimal"/>.</summary>
    /// <value>Default <see cref="CompressionLevel.Fastest"/>.</value>
    public CompressionLevel Level { get; set; } = CompressionLevel.Fastest;

    internal static void Read(ConfigurationReader reader, CompressionOptions options)
    {
        options.Encodings = reader.Texts(nameof(Encodings)) ?? options.Encodings;
        options.ContentTypes = reader.Texts(nameof(ContentTypes)) ?? options.ContentTypes;
        options.MinBytes = reader.Integer(nameof(MinBytes)) ?? options.MinBytes;
        options.Level = reader.OneOf<CompressionLevel>(nameof(Level)) ?? options.Level;
    }
}
