using Mesh.Configuration;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Https;

/// <summary>How callers are led to TLS and kept there: section <c>Mesh:Gateway:Https</c>.</summary>
public sealed class HttpsOptions
{
    /// <summary>Whether requests without TLS are sent to the same URL with it.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Redirect { get; set; }

    /// <summary>The status of the redirect: 301, 302, 307 or 308. The last two keep the method and the body.</summary>
    /// <value>Default 308.</value>
    public int StatusCode { get; set; } = StatusCodes.Status308PermanentRedirect;

    /// <summary>The port that callers are sent to: the one they see, not what is behind a balancer.</summary>
    /// <value>Default 443.</value>
    public int Port { get; set; } = HttpsPolicy.DefaultPort;

    /// <summary>Whole paths that are served without TLS, for probes and for whoever issues certificates.</summary>
    /// <value>Default <c>/health</c> and <c>/alive</c>.</value>
    public List<string> PlaintextPaths { get; set; } = ["/health", "/alive"];

    /// <summary>What browsers are told about this host (RFC 6797).</summary>
    public HstsOptions Hsts { get; } = new();

    internal static void Read(ConfigurationReader reader, HttpsOptions options)
    {
        options.Redirect = reader.Boolean(nameof(Redirect)) ?? options.Redirect;
        options.StatusCode = reader.Integer(nameof(StatusCode)) ?? options.StatusCode;
        options.Port = reader.Integer(nameof(Port)) ?? options.Port;
        options.PlaintextPaths = reader.Texts(nameof(PlaintextPaths)) ?? options.PlaintextPaths;
        reader.Section(nameof(Hsts), options.Hsts, HstsOptions.Read);
    }
}
