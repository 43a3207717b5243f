using Mesh.ApiKeys;
using Mesh.Configuration;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>Somebody who has API keys: one entry of <c>Mesh:Server:Authentication:ApiKeys:Consumers</c>.</summary>
public sealed class ApiKeyConsumerOptions
{
    /// <summary>What all keys of this consumer are good for: values of the claim <c>scope</c>.</summary>
    /// <value>Default: none.</value>
    public List<string> Scopes { get; set; } = [];

    /// <summary>The keys. All of them work, so that a new one can be given out before the old one is withdrawn.</summary>
    public List<ApiKeyEntryOptions> Keys { get; set; } = [];

    internal string Fingerprint => string.Join('\u0004', [.. Scopes, "\u0005", .. Keys.Select(static key => key.Fingerprint)]);

    internal static void Read(ConfigurationReader reader, ApiKeyConsumerOptions options)
    {
        options.Scopes = reader.Texts(nameof(Scopes)) ?? options.Scopes;
        options.Keys = reader.Sections<ApiKeyEntryOptions>(nameof(Keys), ApiKeyEntryOptions.Read) ?? options.Keys;
    }

    internal void Validate(string path, string name, HashSet<ApiKeyHash> hashes, ConfigurationErrors errors)
    {
        // It becomes 'api-key/{name}', a claim and the key of limits.
        if (name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(path, name, "a name of printable ASCII without spaces and slashes");
        }

        for (var i = 0; i < Keys.Count; i++)
        {
            Keys[i].Validate($"{path}:{nameof(Keys)}:{i}", hashes, errors);
        }
    }
}
