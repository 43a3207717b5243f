using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>Turns the options of one policy into matchers and reports each value that could not do what it says.</summary>
internal sealed class PolicyCompiler(AuthorizationAction action, TrustDomainAliases aliases, ConfigurationErrors errors)
{
    private const string AllowedText = "an exact value, 'prefix*', '*suffix' or '*'";

    public CompiledPolicy Compile(string name, AuthorizationPolicyOptions policy, string path)
    {
        var rules = policy.Rules ?? [];
        return new(name, [.. rules.Select((rule, index) => Compile(rule, $"{path}:{nameof(policy.Rules)}:{index}"))]);
    }

    private CompiledRule Compile(AuthorizationRuleOptions rule, string path) => new(
        CompileList(rule.From, $"{path}:{nameof(rule.From)}", Compile),
        CompileList(rule.To, $"{path}:{nameof(rule.To)}", Compile));

    // No entries at all would read as "nobody" to one person and as "anybody" to the next.
    private TMatcher[] CompileList<TOptions, TMatcher>(List<TOptions>? entries, string path, Func<TOptions, string, TMatcher> compile)
    {
        if (entries is { Count: 0 })
        {
            errors.Add(path, "found an empty list, allowed is at least one entry, or no such setting.");
        }

        return [.. (entries ?? []).Select((entry, index) => compile(entry, $"{path}:{index}"))];
    }

    private SourceMatcher Compile(AuthorizationSourceOptions source, string path)
    {
        CheckNotEmpty(path, source.Principals, source.NotPrincipals, source.RequestPrincipals, source.NotRequestPrincipals,
            source.Namespaces, source.NotNamespaces, source.TrustDomains, source.NotTrustDomains);
        return new()
        {
            Principals = Field(
                path, nameof(source.Principals), source.Principals, source.NotPrincipals,
                "a SPIFFE ID without 'spiffe://', as 'shop.example/ns/shop/sa/orders', 'prefix*', '*suffix' or '*'", ParsePrincipal),
            RequestPrincipals = Field(
                path, nameof(source.RequestPrincipals), source.RequestPrincipals, source.NotRequestPrincipals, AllowedText, ParseText),
            Namespaces = Field(path, nameof(source.Namespaces), source.Namespaces, source.NotNamespaces, AllowedText, ParseText),
            TrustDomains = Field(path, nameof(source.TrustDomains), source.TrustDomains, source.NotTrustDomains, AllowedText, ParseText),
            Aliases = aliases,
        };
    }

    private OperationMatcher Compile(AuthorizationOperationOptions operation, string path)
    {
        CheckNotEmpty(path, operation.Hosts, operation.NotHosts, operation.Methods, operation.NotMethods, operation.Paths, operation.NotPaths);
        return new()
        {
            Hosts = Field(
                path, nameof(operation.Hosts), operation.Hosts, operation.NotHosts,
                "a host name with or without a port, 'prefix*', '*suffix' or '*'", static (value, _) => HostPattern.Parse(value)),
            Methods = Field(
                path, nameof(operation.Methods), operation.Methods, operation.NotMethods, AllowedText,
                static (value, _) => WildcardPattern.Parse(value, StringComparison.OrdinalIgnoreCase)),
            Paths = Field(path, nameof(operation.Paths), operation.Paths, operation.NotPaths, PathCompiler.Allowed, PathCompiler.Parse),
        };
    }

    private void CheckNotEmpty(string path, params ReadOnlySpan<List<string>?> fields)
    {
        foreach (var field in fields)
        {
            if (field is not null)
            {
                return;
            }
        }

        errors.Add(path, "found an entry without any field, allowed is at least one.");
    }

    private FieldMatcher Field(
        string path, string name, List<string>? values, List<string>? notValues, string allowed, Func<string, bool, TextPattern?> parse)
    {
        // What matches a denying policy is refused, and so is what a Not field of an allowing one matches.
        var denies = action == AuthorizationAction.Deny;
        return new(
            Patterns($"{path}:{name}", values, denies, allowed, parse),
            Patterns($"{path}:Not{name}", notValues, !denies, allowed, parse));
    }

    private TextPattern[]? Patterns(string path, List<string>? values, bool refuses, string allowed, Func<string, bool, TextPattern?> parse)
    {
        if (values is null)
        {
            return null;
        }

        if (values.Count == 0)
        {
            errors.Add(path, "found an empty list, allowed is at least one value, or no such setting.");
        }

        List<TextPattern> patterns = [];
        for (var index = 0; index < values.Count; index++)
        {
            if (parse(values[index], refuses) is { } pattern)
            {
                patterns.Add(pattern);
            }
            else
            {
                errors.Add($"{path}:{index}", values[index], allowed);
            }
        }

        return [.. patterns];
    }

    private static WildcardPattern? ParseText(string value, bool refuses) => WildcardPattern.Parse(value, StringComparison.Ordinal);

    // With its scheme an ID would never match, and as a NotPrincipal always hold.
    private static WildcardPattern? ParsePrincipal(string value, bool refuses) =>
        value.Contains("://", StringComparison.Ordinal) ? null : ParseText(value, refuses);
}
