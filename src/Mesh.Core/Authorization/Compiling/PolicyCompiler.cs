using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>Turns the options of one policy into matchers and reports each value that could not do what it says.</summary>
internal sealed class PolicyCompiler(AuthorizationAction action, string ownNamespace, TrustDomainAliases aliases, ConfigurationErrors errors)
{
    private readonly FieldCompiler _fields = new(action, ownNamespace, aliases, errors);

    public CompiledPolicy Compile(string name, AuthorizationPolicyOptions policy, string path)
    {
        CheckAction(policy, path);
        var rules = policy.Rules ?? [];
        return new(
            name,
            action,
            policy.DryRun,
            policy.Provider.Name,
            [.. rules.Select((rule, index) => Compile(rule, $"{path}:{nameof(policy.Rules)}:{index}"))],
            [.. rules.Select(rule => KeyCompiler.KeysOf(rule, aliases))]);
    }

    private void CheckAction(AuthorizationPolicyOptions policy, string path)
    {
        if (policy.DryRun && action is not (AuthorizationAction.Allow or AuthorizationAction.Deny))
        {
            errors.Add($"{path}:{nameof(policy.DryRun)}", policy.DryRun, "true with the actions Allow and Deny only");
        }

        if (action == AuthorizationAction.Custom && string.IsNullOrEmpty(policy.Provider.Name))
        {
            errors.AddMissing($"{path}:{nameof(policy.Provider)}:{nameof(policy.Provider.Name)}", "the name of an authorizer");
        }
        else if (action != AuthorizationAction.Custom && policy.Provider.Name is not null)
        {
            errors.Add($"{path}:{nameof(policy.Provider)}", "there is no place for it in a policy whose Action is not Custom.");
        }
    }

    private CompiledRule Compile(AuthorizationRuleOptions rule, string path) => new(
        CompileList(rule.From, $"{path}:{nameof(rule.From)}", Compile),
        CompileList(rule.To, $"{path}:{nameof(rule.To)}", Compile),
        CompileList(rule.When, $"{path}:{nameof(rule.When)}", ConditionOf));

    // No entries at all would read as "nobody" to one person and as "anybody" to the next.
    private TMatcher[] CompileList<TOptions, TMatcher>(List<TOptions>? entries, string path, Func<TOptions, string, TMatcher> compile)
    {
        if (entries is { Count: 0 })
        {
            errors.Add(path, "found an empty list, allowed is at least one entry, or no such setting.");
        }

        return [.. (entries ?? []).Select((entry, index) => compile(entry, $"{path}:{index}"))];
    }

    private AttributeMatcher[] Compile(AuthorizationSourceOptions source, string path)
    {
        if ((source.ServiceAccounts ?? source.NotServiceAccounts) is not null
            && (source.Principals ?? source.NotPrincipals ?? source.Namespaces ?? source.NotNamespaces) is not null)
        {
            errors.Add($"{path}:{nameof(source.ServiceAccounts)}", "there is no place for it beside Principals or Namespaces.");
        }

        return NotEmpty(
            path,
            _fields.Principals(path, nameof(source.Principals), source.Principals, source.NotPrincipals),
            _fields.Texts(path, nameof(source.RequestPrincipals), TextAttribute.RequestPrincipal, source.RequestPrincipals, source.NotRequestPrincipals),
            _fields.Texts(path, nameof(source.Namespaces), TextAttribute.Namespace, source.Namespaces, source.NotNamespaces),
            _fields.TrustDomains(path, nameof(source.TrustDomains), source.TrustDomains, source.NotTrustDomains),
            _fields.ServiceAccounts(path, nameof(source.ServiceAccounts), source.ServiceAccounts, source.NotServiceAccounts),
            _fields.Addresses(path, nameof(source.IpBlocks), AddressAttribute.Source, source.IpBlocks, source.NotIpBlocks),
            _fields.Addresses(path, nameof(source.RemoteIpBlocks), AddressAttribute.Remote, source.RemoteIpBlocks, source.NotRemoteIpBlocks));
    }

    private AttributeMatcher[] Compile(AuthorizationOperationOptions operation, string path) => NotEmpty(
        path,
        _fields.Methods(path, nameof(operation.Methods), operation.Methods, operation.NotMethods),
        _fields.Paths(path, nameof(operation.Paths), operation.Paths, operation.NotPaths),
        _fields.Hosts(path, nameof(operation.Hosts), operation.Hosts, operation.NotHosts),
        _fields.Ports(path, nameof(operation.Ports), operation.Ports, operation.NotPorts));

    // With a key that is wrong the whole set is refused, so nobody ever asks this.
    private AttributeMatcher ConditionOf(AuthorizationConditionOptions condition, string path) =>
        _fields.Condition(condition, path) ?? new PortMatcher("", [], null);

    private AttributeMatcher[] NotEmpty(string path, params AttributeMatcher?[] fields)
    {
        AttributeMatcher[] given = [.. fields.OfType<AttributeMatcher>()];
        if (given.Length == 0)
        {
            errors.Add(path, "found an entry without any field, allowed is at least one.");
        }

        return given;
    }
}
