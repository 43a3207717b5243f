using Mesh.ApiKeys;
using Mesh.Configuration;

namespace Mesh.Server.Authentication.ApiKeys;

/// <summary>API keys: section <c>Mesh:Server:Authentication:ApiKeys</c>. They are accepted once there is a secret.</summary>
public sealed class ApiKeyAuthenticationOptions
{
    // Each is tried in turn, and more than the one in use and the one before are a mistake.
    private const int MaxSecrets = 4;

    /// <summary>The header field a key is in.</summary>
    /// <value>Default <c>X-Api-Key</c>.</value>
    public string Header { get; set; } = "X-Api-Key";

    /// <summary>The query parameter a key may be in. Addresses are logged and remembered in many places: avoid it.</summary>
    /// <value>Default: none.</value>
    public string? QueryParameter { get; set; }

    /// <summary>What keys begin with, before an underscore.</summary>
    /// <value>Default <c>mesh</c>.</value>
    public string Prefix { get; set; } = ApiKey.DefaultPrefix;

    /// <summary>
    /// Whether keys of other forms are looked up too, without a checksum to check first: for keys that another system has
    /// given out. 20 to 256 printable ASCII characters.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AcceptOtherFormats { get; set; }

    /// <summary>Whether the application finds the key where its caller has put it. It knows the consumer without.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool ForwardKey { get; set; }

    /// <summary>
    /// The secrets that stored keys are hashed with, as base64 of at least 32 bytes; at most 4. Several while hashes of an
    /// older one are still in use. They belong where secrets are kept, not into a file beside the hashes.
    /// </summary>
    /// <value>Default: none, and then the header field is left to the application.</value>
    public List<string> Secrets { get; set; } = [];

    /// <summary>Who has keys, by name.</summary>
    public IDictionary<string, ApiKeyConsumerOptions> Consumers { get; } = new Dictionary<string, ApiKeyConsumerOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Equal for options that mean the same.</summary>
    internal string Fingerprint => string.Join('\u0001', [
        Header,
        QueryParameter,
        Prefix,
        $"{AcceptOtherFormats} {ForwardKey}",
        .. Secrets,
        "\u0002",
        .. Consumers.Select(static consumer => $"{consumer.Key}\u0003{consumer.Value.Fingerprint}")]);

    internal static void Read(ConfigurationReader reader, ApiKeyAuthenticationOptions options)
    {
        options.Header = reader.Text(nameof(Header)) ?? options.Header;
        options.QueryParameter = reader.Text(nameof(QueryParameter)) ?? options.QueryParameter;
        options.Prefix = reader.Text(nameof(Prefix)) ?? options.Prefix;
        options.AcceptOtherFormats = reader.Boolean(nameof(AcceptOtherFormats)) ?? options.AcceptOtherFormats;
        options.ForwardKey = reader.Boolean(nameof(ForwardKey)) ?? options.ForwardKey;
        options.Secrets = reader.Texts(nameof(Secrets)) ?? options.Secrets;
        reader.Map(nameof(Consumers), options.Consumers, ApiKeyConsumerOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        HeaderFields.CheckOutput($"{path}:{nameof(Header)}", Header, errors);
        if (QueryParameter is "")
        {
            errors.Add($"{path}:{nameof(QueryParameter)}", QueryParameter, "the name of a query parameter");
        }

        if (!ApiKey.IsPrefix(Prefix))
        {
            errors.Add($"{path}:{nameof(Prefix)}", Prefix, "up to 32 letters, digits and underscores, beginning with a letter");
        }

        if (Secrets.Count > MaxSecrets || (Secrets.Count == 0 && Consumers.Count > 0))
        {
            errors.Add($"{path}:{nameof(Secrets)}", Secrets.Count, $"1 to {MaxSecrets} secrets; 'mesh key secret' makes one");
        }

        for (var i = 0; i < Secrets.Count; i++)
        {
            if (ApiKeySecret.TryParse(Secrets[i]) is null)
            {
                errors.Add($"{path}:{nameof(Secrets)}:{i}", $"it is not base64 of at least {ApiKeyHash.MinSecretBytes} bytes; 'mesh key secret' makes one.");
            }
        }

        HashSet<ApiKeyHash> hashes = [];
        foreach (var (name, consumer) in Consumers)
        {
            consumer.Validate($"{path}:{nameof(Consumers)}:{name}", name, hashes, errors);
        }
    }
}
