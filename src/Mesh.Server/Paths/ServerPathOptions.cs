using Mesh.Configuration;
using Mesh.Paths;

namespace Mesh.Server.Paths;

/// <summary>What the path of a request may have in it, where servers differ: section <c>Mesh:Server:Paths</c>.</summary>
public sealed class ServerPathOptions
{
    /// <summary>What becomes of <c>%2F</c>.</summary>
    /// <value>Default <see cref="EncodedSlashes.Refuse"/>.</value>
    public EncodedSlashes EncodedSlashes { get; set; }

    /// <summary>Whether <c>%25</c> may be in a path. Refuse it in front of a service that decodes twice.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool AllowEncodedPercent { get; set; } = true;

    /// <summary>Whether <c>;</c> may be in a path. Refuse it in front of a service that cuts off what follows before it decides.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool AllowParameters { get; set; } = true;

    internal static void Read(ConfigurationReader reader, ServerPathOptions options)
    {
        options.EncodedSlashes = reader.OneOf<EncodedSlashes>(nameof(EncodedSlashes)) ?? options.EncodedSlashes;
        options.AllowEncodedPercent = reader.Boolean(nameof(AllowEncodedPercent)) ?? options.AllowEncodedPercent;
        options.AllowParameters = reader.Boolean(nameof(AllowParameters)) ?? options.AllowParameters;
    }

    internal PathRules Compile() =>
        (EncodedSlashes switch
        {
            EncodedSlashes.Keep => PathRules.KeepEncodedSlashes,
            EncodedSlashes.Decode => PathRules.DecodeEncodedSlashes,
            _ => PathRules.None,
        })
        | (AllowEncodedPercent ? PathRules.None : PathRules.RefuseEncodedPercent)
        | (AllowParameters ? PathRules.None : PathRules.RefuseParameters);
}
