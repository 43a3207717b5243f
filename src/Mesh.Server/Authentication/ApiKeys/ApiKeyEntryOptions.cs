using Mesh.ApiKeys;
using Mesh.Configuration;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>One API key of a consumer.</summary>
public sealed class ApiKeyEntryOptions
{
    private const int IdLength = 8;

    /// <summary>What the key is called, in the claim <c>mesh:key</c> and wherever keys of one consumer are told apart.</summary>
    /// <value>Default: the first 8 characters of <see cref="Hash"/>.</value>
    public string? Id { get; set; }

    /// <summary>The key's HMAC-SHA-256 as base64url: what <c>mesh key new</c> prints beside the key. Required.</summary>
    public string? Hash { get; set; }

    /// <summary>From when on it is refused.</summary>
    /// <value>Default: never.</value>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What this key is good for, in addition to what all of its consumer's are.</summary>
    /// <value>Default: none.</value>
    public List<string> Scopes { get; set; } = [];

    internal string Name => Id ?? Hash![..IdLength];

    internal string Fingerprint => string.Join('\u0006', [Id, Hash, $"{ExpiresAt:O}", .. Scopes]);

    internal static void Read(ConfigurationReader reader, ApiKeyEntryOptions options)
    {
        options.Id = reader.Text(nameof(Id)) ?? options.Id;
        options.Hash = reader.Text(nameof(Hash)) ?? options.Hash;
        options.ExpiresAt = reader.Time(nameof(ExpiresAt)) ?? options.ExpiresAt;
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
    }

    internal void Validate(string path, HashSet<ApiKeyHash> hashes, ConfigurationErrors errors)
    {
        if (!ApiKeyHash.TryParse(Hash, out var hash))
        {
            // Not what was found: it may be a key.
            errors.Add($"{path}:{nameof(Hash)}", "it is not the hash of a key, 43 characters of base64url; 'mesh key new' makes one.");
        }
        else if (!hashes.Add(hash))
        {
            errors.Add($"{path}:{nameof(Hash)}", Hash, "each key once");
        }
    }
}
