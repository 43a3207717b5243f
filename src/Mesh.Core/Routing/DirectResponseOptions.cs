using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A fixed response. Header fields beside the content type come from a <see cref="RouteFilterType.ResponseHeaderModifier"/> of the same rule.</summary>
public sealed class DirectResponseOptions
{
    /// <summary>200 to 599.</summary>
    /// <value>Default 200.</value>
    public int StatusCode { get; set; } = 200;

    /// <summary>The body, up to 65,536 characters.</summary>
    /// <value>Default: none.</value>
    public string? Body { get; set; }

    /// <summary>The type of the body.</summary>
    /// <value>Default <c>text/plain; charset=utf-8</c>.</value>
    public string ContentType { get; set; } = "text/plain; charset=utf-8";

    internal static void Read(ConfigurationReader reader, DirectResponseOptions options)
    {
        options.StatusCode = reader.Integer(nameof(StatusCode)) ?? options.StatusCode;
        options.Body = reader.Text(nameof(Body)) ?? options.Body;
        options.ContentType = reader.Text(nameof(ContentType)) ?? options.ContentType;
    }
}
