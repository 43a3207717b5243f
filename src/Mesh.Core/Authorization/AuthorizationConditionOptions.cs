using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>One further condition of a rule, on an attribute of the request.</summary>
/// <remarks>
/// The keys, with Istio's names: <c>request.headers[name]</c>, <c>source.ip</c>, <c>remote.ip</c>, <c>source.namespace</c>,
/// <c>source.serviceAccount</c>, <c>source.principal</c>, <c>source.trustDomain</c>, <c>request.auth.principal</c>,
/// <c>request.auth.audiences</c>, <c>request.auth.presenter</c>, <c>request.auth.claims[name]</c> (a nested claim with
/// further brackets), <c>destination.ip</c>, <c>destination.port</c>, <c>connection.sni</c>.
/// </remarks>
public sealed class AuthorizationConditionOptions
{
    /// <summary>The attribute. Required.</summary>
    public string? Key { get; set; }

    /// <summary>Values of which one must match.</summary>
    /// <value>Default <see langword="null"/>: not asked. One of <see cref="Values"/> and <see cref="NotValues"/> is required.</value>
    public List<string>? Values { get; set; }

    /// <summary>Values of which none may match; holds for a request without the attribute.</summary>
    /// <value>Default <see langword="null"/>: not asked.</value>
    public List<string>? NotValues { get; set; }

    internal static void Read(ConfigurationReader reader, AuthorizationConditionOptions options)
    {
        options.Key = reader.Text(nameof(Key));
        options.Values = reader.Texts(nameof(Values));
        options.NotValues = reader.Texts(nameof(NotValues));
    }
}
