using System.Text.Encodings.Web;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Login;

/// <summary>What the OpenID Connect handler of ASP.NET is made with.</summary>
internal sealed record LoginServices(
    IDataProtectionProvider Protection,
    IHttpClientFactory Clients,
    ILoggerFactory Loggers,
    HtmlEncoder Html,
    UrlEncoder Url,
    TimeProvider Time)
{
    public const string ClientName = "Mesh.Gateway.Login";

    // Metadata, key sets and token responses; the largest seen have some 20 KB.
    public const int MaxBytes = 256 * 1024;
}
