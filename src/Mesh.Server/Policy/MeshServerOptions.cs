using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Limits;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.Draining;
using Mesh.Server.Faults;
using Mesh.Server.Forwarded;
using Mesh.Server.Limits;
using Mesh.Server.LoadShedding;
using Mesh.Server.Paths;
using Mesh.Server.Tls;

namespace Mesh.Server.Policy;

/// <summary>How this service is served: section <c>Mesh:Server</c>. The empty section is a strict mesh service.</summary>
public sealed class MeshServerOptions
{
    // The charges of one request are kept on the stack.
    internal const int MaxRateLimits = 16;

    /// <summary>What is asked of the service at the other end of a connection.</summary>
    /// <value>Default <see cref="PeerAuthenticationMode.Strict"/>.</value>
    public PeerAuthenticationMode PeerAuthentication { get; set; }

    /// <summary>
    /// The exact paths that <see cref="PeerAuthenticationMode.Strict"/> serves to callers without a certificate, for probes; in
    /// any case. Only the certificate is waived: authorization documents and limits hold for them as for all.
    /// </summary>
    /// <value>Default <c>/health</c> and <c>/alive</c>.</value>
    public List<string> PlaintextPaths { get; set; } = ["/health", "/alive"];

    /// <summary>What holds for one port only, by its number; it comes before what <c>UseMeshTls()</c> says in code.</summary>
    /// <value>Default: none.</value>
    public IDictionary<string, ServerPortOptions> Ports { get; } = new Dictionary<string, ServerPortOptions>(StringComparer.Ordinal);

    /// <summary>From whom the header <c>x-forwarded-client-cert</c> is believed.</summary>
    public ForwardedCertificateOptions ForwardedClientCertificate { get; } = new();

    /// <summary>How mutual TLS connections come and go.</summary>
    public ServerTlsOptions Tls { get; } = new();

    /// <summary>How callers prove who they are beyond their certificate.</summary>
    public MeshAuthenticationOptions Authentication { get; } = new();

    /// <summary>The authorization documents by name, in the form of Istio's <c>AuthorizationPolicy</c>.</summary>
    /// <value>
    /// Default: none, and then whoever is authenticated may do everything. A request that no document allows is answered
    /// 403, or 401 when it showed neither certificate nor token and there is an issuer it could get a token from.
    /// </value>
    public IDictionary<string, AuthorizationPolicyOptions> Authorization { get; } =
        new Dictionary<string, AuthorizationPolicyOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The authorizers that documents with the action <c>Custom</c> may name, beside those registered in code.</summary>
    public IDictionary<string, AuthorizerOptions> Authorizers { get; } = new Dictionary<string, AuthorizerOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The rate limits; a request is charged to all of them or to none. At most 16.</summary>
    /// <value>Default: none.</value>
    public List<RateLimitOptions> RateLimits { get; set; } = [];

    /// <summary>How many requests are served at a time, and which are refused when there are more.</summary>
    public LoadSheddingOptions LoadShedding { get; } = new();

    /// <summary>What some requests suffer on purpose; the first that takes a request decides.</summary>
    /// <value>Default: none. Refused in production, unless <c>Mesh:Faults:AllowInProduction</c> is set.</value>
    public List<ServerFaultOptions> Faults { get; set; } = [];

    /// <summary>How this service leaves.</summary>
    public DrainOptions Drain { get; } = new();

    /// <summary>What one client may take of the process before anybody knows who it is.</summary>
    public ServerLimitsOptions Limits { get; } = new();

    /// <summary>What the path of a request may have in it.</summary>
    public ServerPathOptions Paths { get; } = new();

    /// <summary>
    /// How long a request may take here, even if its caller would wait longer. An endpoint's own time
    /// (<c>[RequestTimeout]</c>, <c>WithRequestTimeout()</c>, <c>[DisableRequestTimeout]</c>) takes its place.
    /// </summary>
    /// <value>Default <see langword="null"/>: only the caller's deadline counts.</value>
    public TimeSpan? RequestTimeout { get; set; }

    internal static void Read(ConfigurationReader reader, MeshServerOptions options)
    {
        options.PeerAuthentication = reader.OneOf<PeerAuthenticationMode>(nameof(PeerAuthentication)) ?? options.PeerAuthentication;
        options.PlaintextPaths = reader.Texts(nameof(PlaintextPaths)) ?? options.PlaintextPaths;
        reader.Map(nameof(Ports), options.Ports, ServerPortOptions.Read);
        reader.Section(nameof(ForwardedClientCertificate), options.ForwardedClientCertificate, ForwardedCertificateOptions.Read);
        reader.Section(nameof(Tls), options.Tls, ServerTlsOptions.Read);
        reader.Section(nameof(Authentication), options.Authentication, MeshAuthenticationOptions.Read);
        reader.Map(nameof(Authorization), options.Authorization, AuthorizationPolicyOptions.Read);
        reader.Map(nameof(Authorizers), options.Authorizers, AuthorizerOptions.Read);
        options.RateLimits = reader.Sections<RateLimitOptions>(nameof(RateLimits), RateLimitOptions.Read) ?? options.RateLimits;
        reader.Section(nameof(LoadShedding), options.LoadShedding, LoadSheddingOptions.Read);
        options.Faults = reader.Sections<ServerFaultOptions>(nameof(Faults), ServerFaultOptions.Read) ?? options.Faults;
        reader.Section(nameof(Drain), options.Drain, DrainOptions.Read);
        reader.Section(nameof(Limits), options.Limits, ServerLimitsOptions.Read);
        reader.Section(nameof(Paths), options.Paths, ServerPathOptions.Read);
        options.RequestTimeout = reader.Duration(nameof(RequestTimeout)) ?? options.RequestTimeout;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < PlaintextPaths.Count; i++)
        {
            if (!PlaintextPaths[i].StartsWith('/') || PlaintextPaths[i].Contains('*', StringComparison.Ordinal))
            {
                errors.Add($"{path}:{nameof(PlaintextPaths)}:{i}", PlaintextPaths[i], "a whole path such as '/health'");
            }
        }

        ServerPortOptions.Validate(Ports, $"{path}:{nameof(Ports)}", errors);
        ForwardedClientCertificate.Validate($"{path}:{nameof(ForwardedClientCertificate)}", errors);
        Tls.Validate($"{path}:{nameof(Tls)}", errors);
        Authentication.Validate($"{path}:{nameof(Authentication)}", errors);
        foreach (var (name, authorizer) in Authorizers)
        {
            authorizer.Validate($"{path}:{nameof(Authorizers)}:{name}", errors);
        }

        RateLimitOptions.Validate(RateLimits, $"{path}:{nameof(RateLimits)}", errors);
        if (RateLimits.Count > MaxRateLimits)
        {
            errors.Add($"{path}:{nameof(RateLimits)}", RateLimits.Count, $"up to {MaxRateLimits} limits");
        }

        LoadShedding.Validate($"{path}:{nameof(LoadShedding)}", errors);
        Drain.Validate($"{path}:{nameof(Drain)}", errors);
        Limits.Validate($"{path}:{nameof(Limits)}", errors);
        errors.CheckDuration($"{path}:{nameof(RequestTimeout)}", RequestTimeout);
    }
}
