using Mesh.Configuration;

namespace Mesh.Server.Authentication;

/// <summary>A claim the application gets as a header field: one entry of <c>OutputClaimToHeaders</c>.</summary>
public sealed class ClaimHeaderOptions
{
    /// <summary>The name of the field. Required.</summary>
    public string? Header { get; set; }

    /// <summary>The name of the claim; of a nested one the names on the way to it, with dots between them. Required.</summary>
    public string? Claim { get; set; }

    internal static void Read(ConfigurationReader reader, ClaimHeaderOptions options)
    {
        options.Header = reader.Text(nameof(Header)) ?? options.Header;
        options.Claim = reader.Text(nameof(Claim)) ?? options.Claim;
    }
}
