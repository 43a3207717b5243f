using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>Finds what a rule can be indexed by: whatever every one of its entries asks for in exact terms.</summary>
internal static class KeyCompiler
{
    public static RuleKeys KeysOf(AuthorizationRuleOptions rule, TrustDomainAliases aliases) => new(
        Exact(rule.From?.ConvertAll(static source => source.Principals)) is { } principals ? [.. principals.SelectMany(principal => NamesOf(principal, aliases))] : null,
        Exact(rule.To?.ConvertAll(static operation => operation.Methods)),
        Values(rule.To?.ConvertAll(static operation => operation.Paths))?.ConvertAll(SegmentsOf).ToArray());

    private static string[] NamesOf(string principal, TrustDomainAliases aliases) =>
        SpiffeId.TryParse($"spiffe://{principal}", out var id) && aliases.PrincipalsOf(id) is { IsEmpty: false } names ? names.ToArray() : [principal];

    // A wildcard among the alternatives leaves everything possible.
    private static string[]? Exact(List<List<string>?>? entries) =>
        Values(entries) is { } values && !values.Exists(static value => value.Contains('*', StringComparison.Ordinal)) ? [.. values] : null;

    private static List<string>? Values(List<List<string>?>? entries) =>
        entries is null || entries.Contains(null) ? null : [.. entries.SelectMany(static values => values!)];

    // "/orders/5" has both of its segments and so has every path below it; "/orders/5*" and "/orders/{*}" have the first only.
    private static string[] SegmentsOf(string path)
    {
        var wildcard = path.AsSpan().IndexOfAny('*', '{');
        var end = wildcard < 0 ? path.Length : path.AsSpan(0, wildcard).LastIndexOf('/');
        return end <= 0 ? [] : [.. path[..end].Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries)];
    }
}
