using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Gateway.Consumers;

/// <summary>One certificate of a consumer, by what is in it or by what it is.</summary>
public sealed class ConsumerCertificateOptions
{
    private const int Sha256Digits = 64;

    /// <summary>The SPIFFE ID in the verified certificate of the connection, or in the one that a trusted proxy has forwarded.</summary>
    public string? SpiffeId { get; set; }

    /// <summary>The SHA-256 of exactly one certificate, in hexadecimal digits with or without colons.</summary>
    public string? Sha256 { get; set; }

    internal static void Read(ConfigurationReader reader, ConsumerCertificateOptions options)
    {
        options.SpiffeId = reader.Text(nameof(SpiffeId)) ?? options.SpiffeId;
        options.Sha256 = reader.Text(nameof(Sha256)) ?? options.Sha256;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrEmpty(SpiffeId) == string.IsNullOrEmpty(Sha256))
        {
            errors.Add(path, $"it needs either {nameof(SpiffeId)} or {nameof(Sha256)}.");
        }

        if (!string.IsNullOrEmpty(SpiffeId) && !Identity.SpiffeId.TryParse(SpiffeId, out _))
        {
            errors.Add($"{path}:{nameof(SpiffeId)}", SpiffeId, "a SPIFFE ID such as 'spiffe://shop.example/ns/shop/sa/partner'");
        }

        if (!string.IsNullOrEmpty(Sha256) && Normalize(Sha256) is var digits && (digits.Length != Sha256Digits || !digits.All(char.IsAsciiHexDigit)))
        {
            errors.Add($"{path}:{nameof(Sha256)}", Sha256, $"{Sha256Digits} hexadecimal digits");
        }
    }

    internal static string Normalize(string sha256) => sha256.Replace(":", "", StringComparison.Ordinal);
}
