using Mesh.Configuration;
using Mesh.Server.Authentication.ApiKeys;
using Mesh.Server.Authentication.Introspection;
using Mesh.Server.Authentication.Places;

namespace Mesh.Server.Authentication;

/// <summary>How callers prove who they are beyond their certificate: section <c>Mesh:Server:Authentication</c>.</summary>
public sealed class MeshAuthenticationOptions
{
    /// <summary>The issuers whose tokens are accepted, in <c>Authorization: Bearer</c> unless they name other places.</summary>
    /// <value>Default: none, and then that field is left to the application.</value>
    public List<JwtIssuerOptions> Jwt { get; set; } = [];

    /// <summary>Tokens that are not JSON Web Tokens, about which their issuer is asked.</summary>
    public IntrospectionOptions Introspection { get; } = new();

    /// <summary>The API keys that are accepted.</summary>
    public ApiKeyAuthenticationOptions ApiKeys { get; } = new();

    internal static void Read(ConfigurationReader reader, MeshAuthenticationOptions options)
    {
        options.Jwt = reader.Sections<JwtIssuerOptions>(nameof(Jwt), JwtIssuerOptions.Read) ?? options.Jwt;
        reader.Section(nameof(Introspection), options.Introspection, IntrospectionOptions.Read);
        reader.Section(nameof(ApiKeys), options.ApiKeys, ApiKeyAuthenticationOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        Introspection.Validate($"{path}:{nameof(Introspection)}", errors);
        ApiKeys.Validate($"{path}:{nameof(ApiKeys)}", errors);
        HashSet<(string Issuer, TokenLocation Location)> rules = [];
        for (var i = 0; i < Jwt.Count; i++)
        {
            var item = $"{path}:{nameof(Jwt)}:{i}";
            Jwt[i].Validate(item, errors);
            if (Jwt[i].Issuer is { } issuer
                && Jwt[i].FromHeaders.TrueForAll(static header => header.Name is not null)
                && Jwt[i].Locations.Any(location => !rules.Add((issuer, location))))
            {
                errors.Add($"{item}:{nameof(JwtIssuerOptions.Issuer)}", issuer, "each issuer once for the same place of a request");
            }
        }
    }
}
