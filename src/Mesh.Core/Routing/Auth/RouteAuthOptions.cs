using Mesh.Authorization;
using Mesh.Configuration;

namespace Mesh.Routing.Auth;

/// <summary>What a rule of a gateway asks of callers, and what backends learn of them.</summary>
public sealed class RouteAuthOptions
{
    /// <summary>The credentials of which a caller must show one: <c>Token</c>, <c>ApiKey</c>, <c>Certificate</c>, <c>Session</c>.</summary>
    /// <value>Default: empty, which is any of them.</value>
    public List<CallerCredentials> Accept { get; set; } = [];

    /// <summary>Whether callers without credentials may come too. Credentials that are shown must be valid even so.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool Anonymous { get; set; }

    /// <summary>Scopes that the credentials must have, all of them: the claims <c>scope</c> and <c>scp</c>, the scopes of an API key.</summary>
    /// <value>Default: empty.</value>
    public List<string> Scopes { get; set; } = [];

    /// <summary>Whether backends get the credentials that were meant for the gateway.</summary>
    /// <value>Default <see langword="false"/>: what the gateway has checked ends there.</value>
    public bool ForwardCredentials { get; set; }

    /// <summary>Header fields that tell backends what the credentials say. Fields of these names that callers send are removed.</summary>
    /// <value>Default: empty.</value>
    public List<ClaimFieldOptions> ForwardClaims { get; set; } = [];

    /// <summary>A token of the gateway's own that tells backends who the caller is.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public BackendTokenOptions? ForwardToken { get; set; }

    /// <summary>Reads a section.</summary>
    public static void Read(ConfigurationReader reader, RouteAuthOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Accept = reader.ListOf<CallerCredentials>(nameof(Accept)) ?? options.Accept;
        options.Anonymous = reader.Boolean(nameof(Anonymous)) ?? options.Anonymous;
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
        options.ForwardCredentials = reader.Boolean(nameof(ForwardCredentials)) ?? options.ForwardCredentials;
        options.ForwardClaims = reader.Sections<ClaimFieldOptions>(nameof(ForwardClaims), ClaimFieldOptions.Read) ?? options.ForwardClaims;
        options.ForwardToken = reader.SectionOrNull(nameof(ForwardToken), options.ForwardToken, BackendTokenOptions.Read);
    }
}
