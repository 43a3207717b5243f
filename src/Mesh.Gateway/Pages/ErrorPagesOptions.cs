using Mesh.Configuration;

namespace Mesh.Gateway.Pages;

/// <summary>What people see of the refusals of the gateway: section <c>Mesh:Gateway:ErrorPages</c>. Programs get problem+json always.</summary>
public sealed class ErrorPagesOptions
{
    /// <summary>Whether those who prefer <c>text/html</c> get a page.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Html { get; set; } = true;

    /// <summary>Pages of your own, by status (<c>503</c>) or class of them (<c>4xx</c>, <c>5xx</c>); the status decides before the class.</summary>
    /// <value>Default: empty, and then people get a plain page of the gateway.</value>
    public IDictionary<string, ErrorPageOptions> Pages { get; } = new Dictionary<string, ErrorPageOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The <c>Content-Security-Policy</c> of the pages of your own.</summary>
    /// <value>Default: nothing may be fetched, run or sent; styles in the page and images in <c>data:</c> URLs are shown.</value>
    public string ContentSecurityPolicy { get; set; } = ErrorPages.OwnSecurityPolicy;

    internal static void Read(ConfigurationReader reader, ErrorPagesOptions options)
    {
        options.Html = reader.Boolean(nameof(Html)) ?? options.Html;
        reader.Map(nameof(Pages), options.Pages, ErrorPageOptions.Read);
        options.ContentSecurityPolicy = reader.Text(nameof(ContentSecurityPolicy)) ?? options.ContentSecurityPolicy;
    }
}
