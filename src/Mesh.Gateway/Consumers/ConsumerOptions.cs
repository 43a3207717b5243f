using Mesh.Configuration;

namespace Mesh.Gateway.Consumers;

/// <summary>Somebody who uses the gateway under a plan: one entry of <c>Mesh:Gateway:Consumers</c>.</summary>
public sealed class ConsumerOptions
{
    /// <summary>The name of its plan, one of <c>Mesh:Gateway:Plans</c>.</summary>
    public string Plan { get; set; } = "";

    /// <summary>The consumers of <c>Mesh:Server:Authentication:ApiKeys</c>, or of the application's own store of keys, whose keys are this consumer's.</summary>
    /// <value>Default: the name of this consumer, where it lists no other credentials.</value>
    public List<string> ApiKeys { get; set; } = [];

    /// <summary>The subjects and clients whose tokens are this consumer's.</summary>
    /// <value>Default: none.</value>
    public List<ConsumerTokenOptions> Tokens { get; set; } = [];

    /// <summary>The certificates that are this consumer's.</summary>
    /// <value>Default: none.</value>
    public List<ConsumerCertificateOptions> Certificates { get; set; } = [];

    internal static void Read(ConfigurationReader reader, ConsumerOptions options)
    {
        options.Plan = reader.Text(nameof(Plan)) ?? options.Plan;
        options.ApiKeys = reader.Texts(nameof(ApiKeys)) ?? options.ApiKeys;
        options.Tokens = reader.Sections<ConsumerTokenOptions>(nameof(Tokens), ConsumerTokenOptions.Read) ?? options.Tokens;
        options.Certificates = reader.Sections<ConsumerCertificateOptions>(nameof(Certificates), ConsumerCertificateOptions.Read) ?? options.Certificates;
    }
}
