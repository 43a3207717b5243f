using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>
/// Who calls. Every field that is given must hold, the values of one field are alternatives, and a <c>Not</c> field holds
/// when none of its values matches.
/// </summary>
/// <remarks>
/// A value is exact, <c>prefix*</c>, <c>*suffix</c>, or <c>*</c> for anything that is there. What the request does not have
/// never matches a field and always satisfies its <c>Not</c> form: <c>NotPrincipals</c> holds for a caller without a
/// certificate. Every field is <see langword="null"/> by default, which restricts nothing; an empty list is an error.
/// </remarks>
public sealed class AuthorizationSourceOptions
{
    /// <summary>SPIFFE IDs of the connected peer, without their scheme: <c>shop.example/ns/shop/sa/storefront</c>.</summary>
    public List<string>? Principals { get; set; }

    /// <summary>SPIFFE IDs the peer must not have.</summary>
    public List<string>? NotPrincipals { get; set; }

    /// <summary>Issuer and subject of the validated token: <c>https://login.example/alice</c>.</summary>
    public List<string>? RequestPrincipals { get; set; }

    /// <summary>Issuer and subject the token must not have.</summary>
    public List<string>? NotRequestPrincipals { get; set; }

    /// <summary>Namespaces of the peer, from a SPIFFE ID of the form <c>/ns/{namespace}/sa/{account}</c>.</summary>
    public List<string>? Namespaces { get; set; }

    /// <summary>Namespaces the peer must not be in.</summary>
    public List<string>? NotNamespaces { get; set; }

    /// <summary>Trust domains of the peer's SPIFFE ID.</summary>
    public List<string>? TrustDomains { get; set; }

    /// <summary>Trust domains the peer must not be of.</summary>
    public List<string>? NotTrustDomains { get; set; }

    /// <summary>
    /// Service accounts of the peer, exact: <c>storefront</c> of this service's own namespace, or <c>shop/storefront</c>. Not
    /// together with <see cref="Principals"/> or <see cref="Namespaces"/>, which would say the same twice.
    /// </summary>
    public List<string>? ServiceAccounts { get; set; }

    /// <summary>Service accounts the peer must not have.</summary>
    public List<string>? NotServiceAccounts { get; set; }

    /// <summary>Addresses at the other end of the connection: <c>10.1.2.3</c>, <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>.</summary>
    public List<string>? IpBlocks { get; set; }

    /// <summary>Addresses the connection must not come from.</summary>
    public List<string>? NotIpBlocks { get; set; }

    /// <summary>
    /// Addresses of the client, behind trusted proxies. Without <c>UseForwardedHeaders()</c> before <c>UseMesh()</c> it is the
    /// address of <see cref="IpBlocks"/>.
    /// </summary>
    public List<string>? RemoteIpBlocks { get; set; }

    /// <summary>Addresses the client must not have.</summary>
    public List<string>? NotRemoteIpBlocks { get; set; }

    internal static void Read(ConfigurationReader reader, AuthorizationSourceOptions options)
    {
        options.Principals = reader.Texts(nameof(Principals));
        options.NotPrincipals = reader.Texts(nameof(NotPrincipals));
        options.RequestPrincipals = reader.Texts(nameof(RequestPrincipals));
        options.NotRequestPrincipals = reader.Texts(nameof(NotRequestPrincipals));
        options.Namespaces = reader.Texts(nameof(Namespaces));
        options.NotNamespaces = reader.Texts(nameof(NotNamespaces));
        options.TrustDomains = reader.Texts(nameof(TrustDomains));
        options.NotTrustDomains = reader.Texts(nameof(NotTrustDomains));
        options.ServiceAccounts = reader.Texts(nameof(ServiceAccounts));
        options.NotServiceAccounts = reader.Texts(nameof(NotServiceAccounts));
        options.IpBlocks = reader.Texts(nameof(IpBlocks));
        options.NotIpBlocks = reader.Texts(nameof(NotIpBlocks));
        options.RemoteIpBlocks = reader.Texts(nameof(RemoteIpBlocks));
        options.NotRemoteIpBlocks = reader.Texts(nameof(NotRemoteIpBlocks));
    }
}
