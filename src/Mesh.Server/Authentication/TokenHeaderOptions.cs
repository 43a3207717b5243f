using Mesh.Configuration;

namespace Mesh.Server.Authentication;

/// <summary>A header field a token may be in: one entry of <c>FromHeaders</c>.</summary>
public sealed class TokenHeaderOptions
{
    /// <summary>The name of the field. Required.</summary>
    public string? Name { get; set; }

    /// <summary>What stands before the token, in any case; a value without it is not a token. Write the space of a scheme: <c>"Bearer "</c>.</summary>
    /// <value>Default none.</value>
    public string Prefix { get; set; } = "";

    internal static void Read(ConfigurationReader reader, TokenHeaderOptions options)
    {
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Prefix = reader.Text(nameof(Prefix)) ?? options.Prefix;
    }
}
