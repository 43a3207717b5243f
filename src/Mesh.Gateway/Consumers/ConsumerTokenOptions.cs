using Mesh.Configuration;

namespace Mesh.Gateway.Consumers;

/// <summary>Whose tokens are a consumer's: an issuer with either a subject or a client.</summary>
public sealed class ConsumerTokenOptions
{
    /// <summary>The claim <c>iss</c> of the tokens, as it is written there.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The claim <c>sub</c> of the tokens.</summary>
    public string? Subject { get; set; }

    /// <summary>The claim <c>client_id</c> of the tokens, or <c>azp</c>: all tokens that this application has got, for whomever.</summary>
    public string? ClientId { get; set; }

    internal static void Read(ConfigurationReader reader, ConsumerTokenOptions options)
    {
        options.Issuer = reader.Text(nameof(Issuer)) ?? options.Issuer;
        options.Subject = reader.Text(nameof(Subject)) ?? options.Subject;
        options.ClientId = reader.Text(nameof(ClientId)) ?? options.ClientId;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Issuer.Length == 0)
        {
            errors.AddMissing($"{path}:{nameof(Issuer)}", "the issuer of the tokens");
        }

        if (string.IsNullOrEmpty(Subject) == string.IsNullOrEmpty(ClientId))
        {
            errors.Add(path, $"it needs either {nameof(Subject)} or {nameof(ClientId)}.");
        }
    }
}
