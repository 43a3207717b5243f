using Mesh.Configuration;

namespace Mesh.Gateway.Pages;

/// <summary>A page for people, in a file or right here.</summary>
/// <remarks><c>{{status}}</c>, <c>{{title}}</c>, <c>{{detail}}</c>, <c>{{reason}}</c> and <c>{{traceId}}</c> in it are replaced, encoded for HTML.</remarks>
public sealed class ErrorPageOptions
{
    /// <summary>The path of a file in UTF-8, up to 256 KB. It is read when the configuration is loaded and looked at every 5 seconds; when it is broken, the last good page stays.</summary>
    /// <value>Default: none; either this or <see cref="Text"/>.</value>
    public string? File { get; set; }

    /// <summary>The page.</summary>
    public string? Text { get; set; }

    internal static void Read(ConfigurationReader reader, ErrorPageOptions options)
    {
        options.File = reader.Text(nameof(File)) ?? options.File;
        options.Text = reader.Text(nameof(Text)) ?? options.Text;
    }
}
