using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Server.Tls;

/// <summary>How mutual TLS connections come and go: section <c>Mesh:Server:Tls</c>.</summary>
public sealed class ServerTlsOptions
{
    /// <summary>
    /// How old a connection may become before it is asked to close: <c>Connection: close</c> on HTTP/1.1, GOAWAY on HTTP/2. It
    /// bounds how long a peer goes without showing its certificate again; the end of that certificate's life does so too.
    /// </summary>
    /// <value>Default 1 hour, less up to a fifth so that connections do not all end together.</value>
    public TimeSpan MaxConnectionAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a connection that has been asked to close may finish its requests before it is cut: after its age has ended, and
    /// after this process's identity or the trust in its peer has changed.
    /// </summary>
    /// <value>Default 5 minutes. Streams that run longer than this are cut when the identity rotates.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The oldest version of TLS that callers may speak. Whoever can, speaks TLS 1.3.</summary>
    /// <value>Default <see cref="TlsVersion.Tls12"/>: not every platform .NET runs on has a newer one.</value>
    public TlsVersion MinimumVersion { get; set; }

    /// <summary>
    /// Certificates for callers that ask for a host name, at ports that call <c>UseMeshTls()</c>. Everybody else is shown this
    /// process's identity; at a port where peers are not asked, the first of these.
    /// </summary>
    /// <value>Default: none.</value>
    public List<ServerCertificateOptions> Certificates { get; set; } = [];

    internal static void Read(ConfigurationReader reader, ServerTlsOptions options)
    {
        options.MaxConnectionAge = reader.Duration(nameof(MaxConnectionAge)) ?? options.MaxConnectionAge;
        options.DrainTimeout = reader.Duration(nameof(DrainTimeout)) ?? options.DrainTimeout;
        options.MinimumVersion = reader.OneOf<TlsVersion>(nameof(MinimumVersion)) ?? options.MinimumVersion;
        options.Certificates = reader.Sections<ServerCertificateOptions>(nameof(Certificates), ServerCertificateOptions.Read) ?? options.Certificates;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckDuration($"{path}:{nameof(MaxConnectionAge)}", MaxConnectionAge);
        errors.CheckDuration($"{path}:{nameof(DrainTimeout)}", DrainTimeout);
        ServerCertificateOptions.Validate(Certificates, $"{path}:{nameof(Certificates)}", errors);
    }
}
