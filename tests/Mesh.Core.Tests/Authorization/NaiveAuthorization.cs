using System.Text.RegularExpressions;
using Mesh.Authorization;

namespace Mesh.Core.Tests.Authorization;

/// <summary>The semantics once more, slow and literal: every value becomes a regular expression.</summary>
internal static class NaiveAuthorization
{
    public static bool IsAllowed(IReadOnlyDictionary<string, AuthorizationPolicyOptions> policies, AuthorizationRequest request)
    {
        var allowing = policies.Values.Where(policy => policy.Action == AuthorizationAction.Allow).ToList();
        return !policies.Values.Except(allowing).Any(policy => Matches(policy, request))
            && (allowing.Count == 0 || allowing.Exists(policy => Matches(policy, request)));
    }

    private static bool Matches(AuthorizationPolicyOptions policy, AuthorizationRequest request)
    {
        var denies = policy.Action == AuthorizationAction.Deny;
        return policy.Rules is { } rules && rules.Exists(rule =>
            (rule.From is null || rule.From.Exists(source => Matches(source, request)))
            && (rule.To is null || rule.To.Exists(operation => Matches(operation, request, denies))));
    }

    private static bool Matches(AuthorizationSourceOptions source, AuthorizationRequest request) =>
        Holds(source.Principals, source.NotPrincipals, value => Wildcard(value, request.Peer?.Principal))
        && Holds(source.RequestPrincipals, source.NotRequestPrincipals, value => Wildcard(value, request.RequestPrincipal))
        && Holds(source.Namespaces, source.NotNamespaces, value => Wildcard(value, request.Peer?.Namespace))
        && Holds(source.TrustDomains, source.NotTrustDomains, value => Wildcard(value, request.Peer?.TrustDomain));

    private static bool Matches(AuthorizationOperationOptions operation, AuthorizationRequest request, bool denies) =>
        Holds(operation.Hosts, operation.NotHosts, value => Host(value, request.Host))
        && Holds(operation.Methods, operation.NotMethods, value => Wildcard(value, request.Method, ignoreCase: true))
        && (operation.Paths is null || operation.Paths.Exists(value => Path(value, request.Path, denies)))
        && (operation.NotPaths is null || !operation.NotPaths.Exists(value => Path(value, request.Path, !denies)));

    private static bool Holds(List<string>? values, List<string>? notValues, Predicate<string> matches) =>
        (values is null || values.Exists(matches)) && (notValues is null || !notValues.Exists(matches));

    private static bool Wildcard(string value, string? attribute, bool ignoreCase = false) => value == "*"
        ? attribute is { Length: > 0 }
        : IsMatch(attribute, Regex.Escape(value).Replace("\\*", ".*", StringComparison.Ordinal), ignoreCase);

    // A value without a port is asked about the name, one with a port about both; the generated hosts are no addresses.
    private static bool Host(string value, string host) => value.Contains(':', StringComparison.Ordinal)
        ? Wildcard(value, host, ignoreCase: true)
        : Wildcard(value, host.Split(':')[0], ignoreCase: true);

    // Where a match refuses, "/a" and "/a/" are one path in any case, so either spelling may match.
    private static bool Path(string value, string path, bool refuses)
    {
        if (!refuses)
        {
            return PathExactly(value, path, ignoreCase: false);
        }

        var spellings = path == "/" ? [path] : new[] { path.TrimEnd('/'), path.TrimEnd('/') + "/" };
        var values = value == "/" ? [value] : new[] { value, value.EndsWith('/') ? value[..^1] : value };
        return spellings.Any(spelling => values.Any(written => PathExactly(written, spelling, ignoreCase: true)));
    }

    private static bool PathExactly(string value, string path, bool ignoreCase)
    {
        if (value == "*")
        {
            return path.Length > 0;
        }

        var pattern = Regex.Escape(value)
            .Replace("\\{\\*\\*}", ".*", StringComparison.Ordinal)
            .Replace("\\{\\*}", "[^/]+", StringComparison.Ordinal)
            .Replace("\\*", ".*", StringComparison.Ordinal);
        return IsMatch(path, pattern, ignoreCase);
    }

    private static bool IsMatch(string? attribute, string pattern, bool ignoreCase) =>
        !string.IsNullOrEmpty(attribute)
        && Regex.IsMatch(attribute, $"\\A(?:{pattern})\\z", RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
}
