using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>Which authorizer a <see cref="AuthorizationAction.Custom"/> policy asks.</summary>
public sealed class AuthorizationProviderOptions
{
    /// <summary>Its name, as it was registered or configured. Required for <see cref="AuthorizationAction.Custom"/>.</summary>
    public string? Name { get; set; }

    internal static void Read(ConfigurationReader reader, AuthorizationProviderOptions options) =>
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
}
