using Mesh.Configuration;

namespace Mesh.Routing.Auth;

/// <summary>A header field that tells a backend what a caller's credentials say.</summary>
public sealed class ClaimFieldOptions
{
    /// <summary>The header field; required.</summary>
    public string? Header { get; set; }

    /// <summary>The claim, with dots for what is nested; required.</summary>
    public string? Claim { get; set; }

    internal static void Read(ConfigurationReader reader, ClaimFieldOptions options)
    {
        options.Header = reader.Text(nameof(Header)) ?? options.Header;
        options.Claim = reader.Text(nameof(Claim)) ?? options.Claim;
    }
}
