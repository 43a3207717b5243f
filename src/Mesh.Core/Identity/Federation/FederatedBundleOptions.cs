using Mesh.Configuration;

namespace Mesh.Identity;

/// <summary>
/// Where the bundle of another trust domain comes from: section <c>Mesh:Identity:Federation:{trust domain}</c>. A file, an
/// endpoint, or both: then the file is what is known until the endpoint has answered.
/// </summary>
public sealed class FederatedBundleOptions
{
    /// <summary>The path of a bundle: a SPIFFE bundle document, or PEM. Looked at every 5 seconds.</summary>
    public string? Bundle { get; set; }

    /// <summary>The address of a SPIFFE bundle endpoint; <c>https</c> only.</summary>
    public string? Endpoint { get; set; }

    /// <summary>How the endpoint is authenticated.</summary>
    /// <value>Default <see cref="BundleEndpointProfile.HttpsWeb"/>.</value>
    public BundleEndpointProfile Profile { get; set; }

    /// <summary>The SPIFFE ID of the endpoint, for <see cref="BundleEndpointProfile.HttpsSpiffe"/>.</summary>
    public string? EndpointId { get; set; }

    internal static void Read(ConfigurationReader reader, FederatedBundleOptions options)
    {
        options.Bundle = reader.Text(nameof(Bundle)) ?? options.Bundle;
        options.Endpoint = reader.Text(nameof(Endpoint)) ?? options.Endpoint;
        options.Profile = reader.OneOf<BundleEndpointProfile>(nameof(Profile)) ?? options.Profile;
        options.EndpointId = reader.Text(nameof(EndpointId)) ?? options.EndpointId;
    }

    internal void Validate(string path, string trustDomain, ConfigurationErrors errors)
    {
        if (!SpiffeId.IsTrustDomain(trustDomain))
        {
            errors.Add(path, trustDomain, "a trust domain as the name of the section");
        }

        if (string.IsNullOrEmpty(Bundle) && string.IsNullOrEmpty(Endpoint))
        {
            errors.Add(path, $"{nameof(Bundle)}, {nameof(Endpoint)} or both are required.");
        }

        // Federation, 5.2.1.1 and 5.2.2.1: https, and nobody's name and password in it.
        if (!string.IsNullOrEmpty(Endpoint)
            && (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0))
        {
            errors.Add($"{path}:{nameof(Endpoint)}", Endpoint, "an https address without a user");
        }

        ValidateEndpointId(path, trustDomain, errors);
    }

    private void ValidateEndpointId(string path, string trustDomain, ConfigurationErrors errors)
    {
        if (Profile == BundleEndpointProfile.HttpsWeb)
        {
            if (!string.IsNullOrEmpty(EndpointId))
            {
                errors.Add($"{path}:{nameof(EndpointId)}", EndpointId, $"none, unless {nameof(Profile)} is {nameof(BundleEndpointProfile.HttpsSpiffe)}");
            }
        }
        else if (!SpiffeId.TryParse(EndpointId, out var id))
        {
            errors.Add($"{path}:{nameof(EndpointId)}", EndpointId, $"the SPIFFE ID of the endpoint, because {nameof(Profile)} is {nameof(BundleEndpointProfile.HttpsSpiffe)}");
        }
        else if (id.TrustDomain == trustDomain && string.IsNullOrEmpty(Bundle))
        {
            errors.Add($"{path}:{nameof(Bundle)}", Bundle, "a first bundle: the endpoint is of the same trust domain and cannot be verified without");
        }
    }
}
