using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Client.Transport;

/// <summary>Whom to expect on the other side of a connection: section <c>Tls</c> of a service. Applies to <c>https</c> calls.</summary>
public sealed class ClientTlsOptions
{
    /// <summary>How the peer is verified.</summary>
    /// <value>Default <see cref="ClientTlsMode.Mutual"/>.</value>
    public ClientTlsMode? Mode { get; set; }

    /// <summary>
    /// The SPIFFE IDs the service may have: whole, or with a trailing <c>/*</c> for everything below.
    /// </summary>
    /// <value>
    /// Default: the <c>Identity</c> that discovery knows of an endpoint, else the conventional ID,
    /// <c>spiffe://{trust domain}/ns/{namespace}/sa/{service}</c>. Where both are given, a peer must be both.
    /// </value>
    public List<string>? AllowedPeers { get; set; }

    /// <summary>
    /// Whether the service may be called without TLS: by <c>http://</c>, or by <c>https+http://</c> when discovery names no
    /// <c>https</c> endpoint. Where it may not, such calls fail before anything is sent.
    /// </summary>
    /// <value>Default <see langword="true"/>. Set <see langword="false"/> in <c>Mesh:Client:Defaults</c> once the migration to mutual TLS is over.</value>
    public bool? AllowPlaintext { get; set; }

    /// <summary>The oldest version of TLS that is spoken. With whoever can, it is TLS 1.3.</summary>
    /// <value>Default <see cref="TlsVersion.Tls12"/>: not every platform .NET runs on has a newer one.</value>
    public TlsVersion? MinimumVersion { get; set; }

    /// <summary>How old a connection may become. It is then used no more and closes with its last request.</summary>
    /// <value>Default 5 minutes, less up to a fifth so that connections do not all end together.</value>
    public TimeSpan? MaxConnectionAge { get; set; }

    /// <summary>
    /// How long connections live on after identity, trust or the allowed peers have changed: new requests use new
    /// connections at once or within a quarter of this time, those under way may finish within it.
    /// </summary>
    /// <value>Default 5 minutes. Streams that run longer than this are cut when the identity rotates.</value>
    public TimeSpan? DrainTimeout { get; set; }

    internal static void Read(ConfigurationReader reader, ClientTlsOptions options)
    {
        options.Mode = reader.OneOf<ClientTlsMode>(nameof(Mode)) ?? options.Mode;
        options.AllowedPeers = reader.Texts(nameof(AllowedPeers)) ?? options.AllowedPeers;
        options.AllowPlaintext = reader.Boolean(nameof(AllowPlaintext)) ?? options.AllowPlaintext;
        options.MinimumVersion = reader.OneOf<TlsVersion>(nameof(MinimumVersion)) ?? options.MinimumVersion;
        options.MaxConnectionAge = reader.Duration(nameof(MaxConnectionAge)) ?? options.MaxConnectionAge;
        options.DrainTimeout = reader.Duration(nameof(DrainTimeout)) ?? options.DrainTimeout;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < AllowedPeers?.Count; i++)
        {
            if (!SpiffeIdPattern.TryParse(AllowedPeers[i], out _))
            {
                errors.Add($"{path}:{nameof(AllowedPeers)}:{i}", AllowedPeers[i], "a SPIFFE ID, or one with a trailing '/*'");
            }
        }

        errors.CheckDuration($"{path}:{nameof(MaxConnectionAge)}", MaxConnectionAge);
        errors.CheckDuration($"{path}:{nameof(DrainTimeout)}", DrainTimeout);
    }
}
