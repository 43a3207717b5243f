using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>
/// What is called. Every field that is given must hold, the values of one field are alternatives, and a <c>Not</c> field
/// holds when none of its values matches.
/// </summary>
/// <remarks>
/// A value is exact, <c>prefix*</c>, <c>*suffix</c>, or <c>*</c> for anything that is not empty. Every field is
/// <see langword="null"/> by default, which restricts nothing; an empty list is an error.
/// </remarks>
public sealed class AuthorizationOperationOptions
{
    /// <summary>Host names, in any case. One without a port matches the host at any port: <c>shop.example</c>, <c>shop.example:8443</c>.</summary>
    public List<string>? Hosts { get; set; }

    /// <summary>Host names the request must not be for.</summary>
    public List<string>? NotHosts { get; set; }

    /// <summary>HTTP methods, in any case, because ASP.NET Core routes them so.</summary>
    public List<string>? Methods { get; set; }

    /// <summary>HTTP methods the request must not have.</summary>
    public List<string>? NotMethods { get; set; }

    /// <summary>
    /// Paths, compared with the canonical path without its query. Besides wildcards a path may be a template, in which
    /// <c>{*}</c> is one whole segment and <c>{**}</c>, as the last operator, any number of them: <c>/orders/{*}/items/{**}</c>.
    /// </summary>
    /// <remarks>
    /// ASP.NET Core routes <c>/Admin/</c> where it routes <c>/admin</c>. So where a match refuses a request (the paths of a
    /// denying policy, <see cref="NotPaths"/> of an allowing one) neither case nor one trailing slash tells paths apart;
    /// where a match lets it pass, both do.
    /// </remarks>
    public List<string>? Paths { get; set; }

    /// <summary>Paths the request must not have.</summary>
    public List<string>? NotPaths { get; set; }

    /// <summary>Ports the connection was accepted at: <c>8443</c>.</summary>
    public List<string>? Ports { get; set; }

    /// <summary>Ports the connection must not have been accepted at.</summary>
    public List<string>? NotPorts { get; set; }

    internal static void Read(ConfigurationReader reader, AuthorizationOperationOptions options)
    {
        options.Hosts = reader.Texts(nameof(Hosts));
        options.NotHosts = reader.Texts(nameof(NotHosts));
        options.Methods = reader.Texts(nameof(Methods));
        options.NotMethods = reader.Texts(nameof(NotMethods));
        options.Paths = reader.Texts(nameof(Paths));
        options.NotPaths = reader.Texts(nameof(NotPaths));
        options.Ports = reader.Texts(nameof(Ports));
        options.NotPorts = reader.Texts(nameof(NotPorts));
    }
}
