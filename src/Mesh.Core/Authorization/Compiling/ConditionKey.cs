namespace Mesh.Authorization;

/// <summary>A condition's key, taken apart.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">Which text, for <see cref="ConditionKind.Text"/>.</param>
/// <param name="Address">Which address, for <see cref="ConditionKind.Address"/>.</param>
/// <param name="Names">The header field, or the claim and its members.</param>
internal sealed record ConditionKey(ConditionKind Kind, TextAttribute Text = default, AddressAttribute Address = default, params string[] Names)
{
    public const string Allowed =
        "request.headers[name], source.ip, remote.ip, source.namespace, source.serviceAccount, source.principal, source.trustDomain, "
        + "request.auth.principal, request.auth.audiences, request.auth.presenter, request.auth.claims[name], destination.ip, destination.port or connection.sni";

    private const string Headers = "request.headers";
    private const string Claims = "request.auth.claims";

    /// <summary>The key; <see langword="null"/> when there is no such attribute.</summary>
    public static ConditionKey? Parse(string? key) => key switch
    {
        "source.ip" => new(ConditionKind.Address, Address: AddressAttribute.Source),
        "remote.ip" => new(ConditionKind.Address, Address: AddressAttribute.Remote),
        "destination.ip" => new(ConditionKind.Address, Address: AddressAttribute.Destination),
        "destination.port" => new(ConditionKind.Port),
        "source.namespace" => new(ConditionKind.Text, TextAttribute.Namespace),
        "source.serviceAccount" => new(ConditionKind.ServiceAccount),
        "source.principal" => new(ConditionKind.Principal),
        "source.trustDomain" => new(ConditionKind.TrustDomain),
        "request.auth.principal" => new(ConditionKind.Text, TextAttribute.RequestPrincipal),
        "request.auth.audiences" => new(ConditionKind.Claim, Names: "aud"),
        "request.auth.presenter" => new(ConditionKind.Claim, Names: "azp"),
        "connection.sni" => new(ConditionKind.Text, TextAttribute.ServerName),
        not null when NamesAfter(Headers, key) is [var field] => new(ConditionKind.Header, Names: field),
        not null when NamesAfter(Claims, key) is { Length: > 0 } names => new(ConditionKind.Claim, Names: names),
        _ => null,
    };

    // "[a][b]" after the prefix. A name may hold anything but brackets: claims are named by URIs, too.
    private static string[]? NamesAfter(string prefix, string key)
    {
        if (!key.StartsWith(prefix, StringComparison.Ordinal) || key.AsSpan(prefix.Length) is not ['[', .. var names, ']'])
        {
            return null;
        }

        var parts = names.ToString().Split("][");
        return Array.TrueForAll(parts, static name => name.Length > 0 && !name.AsSpan().ContainsAny('[', ']')) ? parts : null;
    }
}
