using Mesh.Configuration;

namespace Mesh.Routing.Auth;

/// <summary>A token of the gateway's own that tells a backend who the caller is.</summary>
public sealed class BackendTokenOptions
{
    /// <summary>The claim <c>aud</c>: the backend that may believe the token.</summary>
    /// <value>Default <see langword="null"/>: the name of the backend's service.</value>
    public string? Audience { get; set; }

    /// <summary>The claims of the caller's credentials that go into the token as they are called there, with dots for what is nested.</summary>
    /// <value>Default: empty. <c>sub</c> and <c>idp</c> are there in any case.</value>
    public List<string> Claims { get; set; } = [];

    /// <summary>The header field that carries the token; in <c>Authorization</c> it stands behind <c>Bearer</c>.</summary>
    /// <value>Default <c>Authorization</c>.</value>
    public string Header { get; set; } = BackendToken.Authorization;

    internal static void Read(ConfigurationReader reader, BackendTokenOptions options)
    {
        options.Audience = reader.Text(nameof(Audience)) ?? options.Audience;
        options.Claims = reader.Texts(nameof(Claims)) ?? options.Claims;
        options.Header = reader.Text(nameof(Header)) ?? options.Header;
    }
}
