namespace Mesh.Identity;

/// <summary>How a bundle endpoint is authenticated (SPIFFE Federation, 5.2).</summary>
public enum BundleEndpointProfile
{
    /// <summary><c>https_web</c>: by its host name and the authorities that the machine trusts.</summary>
    HttpsWeb,

    /// <summary><c>https_spiffe</c>: by its SPIFFE ID and the bundle of that ID's trust domain.</summary>
    HttpsSpiffe,
}
