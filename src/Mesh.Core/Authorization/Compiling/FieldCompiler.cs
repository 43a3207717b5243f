using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Addresses;
using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>Compiles the fields of sources and operations, and conditions; a field of which neither form was given is <see langword="null"/>.</summary>
internal sealed class FieldCompiler(AuthorizationAction action, string ownNamespace, TrustDomainAliases aliases, ConfigurationErrors errors)
{
    private const string AllowedText = "an exact value, 'prefix*', '*suffix' or '*'";
    private const string AllowedPrincipal = "a SPIFFE ID without 'spiffe://', as 'shop.example/ns/shop/sa/orders', 'prefix*', '*suffix' or '*'";
    private const string AllowedHost = "a host name with or without a port, 'prefix*', '*suffix' or '*'";

    private delegate TextPattern? TextParser(string text, bool refuses);

    private delegate bool Parser<TValue>(string text, out TValue value);

    // What matches a denying policy is refused, and so is what the Not form of an allowing one matches. For the others, too,
    // not to match is the way around them.
    private bool Denies => action != AuthorizationAction.Allow;

    public AttributeMatcher? Principals(string path, string name, List<string>? values, List<string>? notValues) =>
        (values ?? notValues) is null ? null : new PrincipalMatcher(
            name,
            aliases,
            Patterns($"{path}:{name}", values, AllowedPrincipal, Denies, ParsePrincipal),
            Patterns($"{path}:{NotForm(name)}", notValues, AllowedPrincipal, !Denies, ParsePrincipal));

    public AttributeMatcher? TrustDomains(string path, string name, List<string>? values, List<string>? notValues) =>
        (values ?? notValues) is null ? null : new TrustDomainMatcher(
            name,
            aliases,
            Patterns($"{path}:{name}", values, AllowedText, Denies, ParseText),
            Patterns($"{path}:{NotForm(name)}", notValues, AllowedText, !Denies, ParseText));

    public AttributeMatcher? Texts(string path, string name, TextAttribute attribute, List<string>? values, List<string>? notValues) =>
        Text(path, name, attribute, values, notValues, AllowedText, ParseText);

    public AttributeMatcher? Hosts(string path, string name, List<string>? values, List<string>? notValues) =>
        Text(path, name, TextAttribute.Host, values, notValues, AllowedHost, static (value, _) => HostPattern.Parse(value));

    public AttributeMatcher? Methods(string path, string name, List<string>? values, List<string>? notValues) =>
        Text(path, name, TextAttribute.Method, values, notValues, AllowedText, ParseAnyCase);

    public AttributeMatcher? Paths(string path, string name, List<string>? values, List<string>? notValues) =>
        Text(path, name, TextAttribute.Path, values, notValues, PathCompiler.Allowed, PathCompiler.Parse);

    public AttributeMatcher? ServiceAccounts(string path, string name, List<string>? values, List<string>? notValues) =>
        (values ?? notValues) is null ? null : new ServiceAccountMatcher(name, Accounts($"{path}:{name}", values), Accounts($"{path}:{NotForm(name)}", notValues));

    public AttributeMatcher? Addresses(string path, string name, AddressAttribute attribute, List<string>? values, List<string>? notValues) =>
        (values ?? notValues) is null ? null : new AddressMatcher(name, attribute, Blocks($"{path}:{name}", values), Blocks($"{path}:{NotForm(name)}", notValues));

    public AttributeMatcher? Ports(string path, string name, List<string>? values, List<string>? notValues) =>
        (values ?? notValues) is null ? null : new PortMatcher(name, PortsOf($"{path}:{name}", values), PortsOf($"{path}:{NotForm(name)}", notValues));

    /// <summary>Compiles a condition; <see langword="null"/> when it says nothing that could be asked.</summary>
    public AttributeMatcher? Condition(AuthorizationConditionOptions condition, string path)
    {
        if ((condition.Values ?? condition.NotValues) is null)
        {
            errors.AddMissing($"{path}:{nameof(condition.Values)}", "at least one of Values and NotValues");
        }

        if (ConditionKey.Parse(condition.Key) is not { } key)
        {
            errors.Add($"{path}:{nameof(condition.Key)}", condition.Key, ConditionKey.Allowed);
            return null;
        }

        const string Values = nameof(condition.Values);
        var (values, notValues, name) = (condition.Values, condition.NotValues, condition.Key!);
        return key.Kind switch
        {
            ConditionKind.Principal => new PrincipalMatcher(
                name,
                aliases,
                Patterns($"{path}:{Values}", values, AllowedPrincipal, Denies, ParsePrincipal),
                Patterns($"{path}:Not{Values}", notValues, AllowedPrincipal, !Denies, ParsePrincipal)),
            ConditionKind.TrustDomain => new TrustDomainMatcher(
                name,
                aliases,
                Patterns($"{path}:{Values}", values, AllowedText, Denies, ParseText),
                Patterns($"{path}:Not{Values}", notValues, AllowedText, !Denies, ParseText)),
            ConditionKind.Header => new HeaderMatcher(
                name, key.Names[0], Denies, Patterns($"{path}:{Values}", values, AllowedText, Denies, ParseText), Patterns($"{path}:Not{Values}", notValues, AllowedText, !Denies, ParseText)),
            ConditionKind.Claim => new ClaimMatcher(
                name, key.Names, Patterns($"{path}:{Values}", values, AllowedText, Denies, ParseText), Patterns($"{path}:Not{Values}", notValues, AllowedText, !Denies, ParseText)),
            ConditionKind.Address => new AddressMatcher(name, key.Address, Blocks($"{path}:{Values}", values), Blocks($"{path}:Not{Values}", notValues)),
            ConditionKind.Port => new PortMatcher(name, PortsOf($"{path}:{Values}", values), PortsOf($"{path}:Not{Values}", notValues)),
            ConditionKind.ServiceAccount => new ServiceAccountMatcher(name, Accounts($"{path}:{Values}", values), Accounts($"{path}:Not{Values}", notValues)),
            _ => new TextMatcher(
                name,
                key.Text,
                Patterns($"{path}:{Values}", values, AllowedText, Denies, ParserOf(key.Text)),
                Patterns($"{path}:Not{Values}", notValues, AllowedText, !Denies, ParserOf(key.Text))),
        };
    }

    private static string NotForm(string name) => $"Not{name}";

    private static TextParser ParserOf(TextAttribute attribute) => attribute switch
    {
        TextAttribute.ServerName => ParseAnyCase,
        _ => ParseText,
    };

    private static WildcardPattern? ParseText(string value, bool refuses) => WildcardPattern.Parse(value, StringComparison.Ordinal);

    private static WildcardPattern? ParseAnyCase(string value, bool refuses) => WildcardPattern.Parse(value, StringComparison.OrdinalIgnoreCase);

    // With its scheme an ID would never match, and as a NotPrincipal always hold.
    private static WildcardPattern? ParsePrincipal(string value, bool refuses) =>
        value.Contains("://", StringComparison.Ordinal) ? null : ParseText(value, refuses);

    private TextMatcher? Text(
        string path, string name, TextAttribute attribute, List<string>? values, List<string>? notValues, string allowed, TextParser parse) =>
        (values ?? notValues) is null ? null : new TextMatcher(
            name, attribute, Patterns($"{path}:{name}", values, allowed, Denies, parse), Patterns($"{path}:{NotForm(name)}", notValues, allowed, !Denies, parse));

    private TextPattern[]? Patterns(string path, List<string>? values, string allowed, bool refuses, TextParser parse) => Compile(
        path,
        values,
        allowed,
        (string text, out TextPattern value) => (value = parse(text, refuses)!) is not null);

    private (string Namespace, string Account)[]? Accounts(string path, List<string>? values) => Compile(
        path,
        values,
        "a service account, 'orders' or 'shop/orders', without wildcards",
        (string text, out (string Namespace, string Account) value) =>
        {
            value = text.Split('/') switch
            {
                [var account] => (ownNamespace, account),
                [var ns, var account] => (ns, account),
                _ => default,
            };
            return SpiffeId.IsPathSegment(value.Namespace) && SpiffeId.IsPathSegment(value.Account);
        });

    private IPNetwork[]? Blocks(string path, List<string>? values) => Compile<IPNetwork>(
        path,
        values,
        AddressBlocks.Allowed,
        AddressBlocks.TryParse);

    private int[]? PortsOf(string path, List<string>? values) => Compile(
        path,
        values,
        "a port from 1 to 65535",
        static (string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and <= ushort.MaxValue);

    private TValue[]? Compile<TValue>(string path, List<string>? values, string allowed, Parser<TValue> parse)
    {
        if (values is null)
        {
            return null;
        }

        if (values.Count == 0)
        {
            errors.Add(path, "found an empty list, allowed is at least one value, or no such setting.");
        }

        List<TValue> compiled = [];
        for (var index = 0; index < values.Count; index++)
        {
            if (parse(values[index], out var value))
            {
                compiled.Add(value);
            }
            else
            {
                errors.Add($"{path}:{index}", values[index], allowed);
            }
        }

        return [.. compiled];
    }
}
