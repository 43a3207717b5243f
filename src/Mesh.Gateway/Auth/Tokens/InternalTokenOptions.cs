using Mesh.Configuration;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>The tokens in which the gateway tells backends who a caller is: section <c>Mesh:Gateway:InternalToken</c>, for rules with <c>ForwardToken</c>.</summary>
public sealed class InternalTokenOptions
{
    /// <summary>The claim <c>iss</c>: what backends call the gateway. Required; usually its address.</summary>
    public string? Issuer { get; set; }

    /// <summary>Files with private keys in PEM: EC P-256, which signs ES256, or RSA of at least 2048 bits, which signs RS256. The first signs, all are published. Required; replaced files are read again.</summary>
    public List<string> KeyFiles { get; set; } = [];

    /// <summary>How long a token is good for: 5 to 60 seconds.</summary>
    /// <value>Default 60 seconds.</value>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The path of the public keys (a JWK set), for everybody.</summary>
    /// <value>Default <c>/.well-known/mesh-jwks.json</c>.</value>
    public string JwksPath { get; set; } = "/.well-known/mesh-jwks.json";

    internal static void Read(ConfigurationReader reader, InternalTokenOptions options)
    {
        options.Issuer = reader.Text(nameof(Issuer)) ?? options.Issuer;
        options.KeyFiles = reader.Texts(nameof(KeyFiles)) ?? options.KeyFiles;
        options.Lifetime = reader.Duration(nameof(Lifetime)) ?? options.Lifetime;
        options.JwksPath = reader.Text(nameof(JwksPath)) ?? options.JwksPath;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrWhiteSpace(Issuer))
        {
            errors.AddMissing($"{path}:{nameof(Issuer)}", "what backends call the gateway");
        }

        if (KeyFiles.Count is 0 or > SigningKeyRing.MaxFiles)
        {
            errors.Add($"{path}:{nameof(KeyFiles)}", $"{KeyFiles.Count} files", $"1 to {SigningKeyRing.MaxFiles} files with private keys");
        }

        if (Lifetime < TimeSpan.FromSeconds(5) || Lifetime > TimeSpan.FromSeconds(60))
        {
            errors.Add($"{path}:{nameof(Lifetime)}", Lifetime, "a duration from 5 to 60 seconds");
        }

        if (JwksPath is not ['/', not '/', ..] || JwksPath.AsSpan().ContainsAny("?#%\\") || JwksPath.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            errors.Add($"{path}:{nameof(JwksPath)}", JwksPath, "a path that begins with one '/', without query and escapes");
        }
    }
}
