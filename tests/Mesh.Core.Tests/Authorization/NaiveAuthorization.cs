using System.Net;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Authorization;

namespace Mesh.Core.Tests.Authorization;

/// <summary>The semantics once more, slow and literal: every value becomes a regular expression, every address a number.</summary>
internal static class NaiveAuthorization
{
    public static bool IsAllowed(IReadOnlyDictionary<string, AuthorizationPolicyOptions> policies, AuthorizationRequest request, string ns, bool dryRun = false)
    {
        var inForce = policies.Values.Where(policy => dryRun || !policy.DryRun).ToList();
        var allowing = inForce.FindAll(policy => policy.Action == AuthorizationAction.Allow);
        return !inForce.Exists(policy => policy.Action == AuthorizationAction.Deny && Matches(policy, request, ns))
            && (allowing.Count == 0 || allowing.Exists(policy => Matches(policy, request, ns)));
    }

    public static bool Matches(AuthorizationPolicyOptions policy, AuthorizationRequest request, string ns)
    {
        var denies = policy.Action != AuthorizationAction.Allow;
        return policy.Rules is { } rules && rules.Exists(rule =>
            (rule.From is null || rule.From.Exists(source => Matches(source, request, ns)))
            && (rule.To is null || rule.To.Exists(operation => Matches(operation, request, denies)))
            && (rule.When is null || rule.When.TrueForAll(condition => Holds(condition, request, denies, ns))));
    }

    private static bool Matches(AuthorizationSourceOptions source, AuthorizationRequest request, string ns) =>
        Holds(source.Principals, source.NotPrincipals, value => Wildcard(value, request.Peer?.Principal))
        && Holds(source.RequestPrincipals, source.NotRequestPrincipals, value => Wildcard(value, request.RequestPrincipal))
        && Holds(source.Namespaces, source.NotNamespaces, value => Wildcard(value, request.Peer?.Namespace))
        && Holds(source.TrustDomains, source.NotTrustDomains, value => Wildcard(value, request.Peer?.TrustDomain))
        && Holds(source.ServiceAccounts, source.NotServiceAccounts, value => Account(value, request, ns))
        && Holds(source.IpBlocks, source.NotIpBlocks, value => Block(value, request.Attributes?.SourceAddress))
        && Holds(source.RemoteIpBlocks, source.NotRemoteIpBlocks, value => Block(value, request.Attributes?.RemoteAddress));

    private static bool Matches(AuthorizationOperationOptions operation, AuthorizationRequest request, bool denies) =>
        Holds(operation.Hosts, operation.NotHosts, value => Host(value, request.Host))
        && Holds(operation.Methods, operation.NotMethods, value => Wildcard(value, request.Method, ignoreCase: true))
        && Holds(operation.Ports, operation.NotPorts, value => Port(value, request))
        && (operation.Paths is null || operation.Paths.Exists(value => Path(value, request.Path, denies)))
        && (operation.NotPaths is null || !operation.NotPaths.Exists(value => Path(value, request.Path, !denies)));

    private static bool Holds(AuthorizationConditionOptions condition, AuthorizationRequest request, bool denies, string ns)
    {
        var attributes = request.Attributes;
        var names = condition.Key!.Split('[', ']').Where(static part => part.Length > 0).ToArray();
        return condition.Key switch
        {
            "source.ip" => Both(value => Block(value, attributes?.SourceAddress)),
            "remote.ip" => Both(value => Block(value, attributes?.RemoteAddress)),
            "destination.ip" => Both(value => Block(value, attributes?.DestinationAddress)),
            "destination.port" => Both(value => Port(value, request)),
            "source.namespace" => Both(value => Wildcard(value, request.Peer?.Namespace)),
            "source.serviceAccount" => Both(value => Account(value, request, ns)),
            "source.principal" => Both(value => Wildcard(value, request.Peer?.Principal)),
            "source.trustDomain" => Both(value => Wildcard(value, request.Peer?.TrustDomain)),
            "request.auth.principal" => Both(value => Wildcard(value, request.RequestPrincipal)),
            "request.auth.audiences" => Both(value => Claim(value, request, ["aud"])),
            "request.auth.presenter" => Both(value => Claim(value, request, ["azp"])),
            "connection.sni" => Both(value => Wildcard(value, attributes?.ServerName, ignoreCase: true)),
            _ when names[0] == "request.headers" =>
                (condition.Values is null || condition.Values.Exists(value => Header(value, request, names[1], denies)))
                && (condition.NotValues is null || !condition.NotValues.Exists(value => Header(value, request, names[1], !denies))),
            _ => Both(value => Claim(value, request, names[1..])),
        };

        bool Both(Predicate<string> matches) => Holds(condition.Values, condition.NotValues, matches);
    }

    private static bool Holds(List<string>? values, List<string>? notValues, Predicate<string> matches) =>
        (values is null || values.Exists(matches)) && (notValues is null || !notValues.Exists(matches));

    private static bool Account(string value, AuthorizationRequest request, string ns) =>
        request.Peer is { ServiceAccount: { } account } peer && $"{peer.Namespace}/{account}" == (value.Contains('/', StringComparison.Ordinal) ? value : $"{ns}/{value}");

    private static bool Port(string value, AuthorizationRequest request) => request.Attributes is { DestinationPort: > 0 } attributes && attributes.DestinationPort == int.Parse(value, null);

    private static bool Block(string value, IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var parts = value.Split('/');
        var block = IPAddress.Parse(parts[0]);
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (block.AddressFamily != address.AddressFamily)
        {
            return false;
        }

        var bits = block.GetAddressBytes().Length * 8;
        var hostBits = bits - (parts.Length > 1 ? int.Parse(parts[1], null) : bits);
        return Number(block) >> hostBits == Number(address) >> hostBits;
    }

    private static BigInteger Number(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);

    private static bool Header(string value, AuthorizationRequest request, string name, bool refuses)
    {
        var lines = request.Attributes?.Header(name).Where(static line => !string.IsNullOrEmpty(line)).ToArray() ?? [];
        return Wildcard(value, string.Join(',', lines)) || (refuses && lines.Any(line => Wildcard(value, line)));
    }

    private static bool Claim(string value, AuthorizationRequest request, string[] path)
    {
        var node = (request.Attributes as TestAttributes)?.Token is { } token ? JsonNode.Parse(token) : null;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node switch
        {
            JsonArray list => list.Any(item => item is JsonValue && Wildcard(value, item.ToString())),
            JsonValue single when path[^1] is "scope" or "scp" or "permission" => single.ToString().Split(' ').Any(part => Wildcard(value, part)),
            JsonValue single => Wildcard(value, single.ToString()),
            _ => false,
        };
    }

    private static bool Wildcard(string value, string? attribute, bool ignoreCase = false) => value == "*"
        ? attribute is { Length: > 0 }
        : IsMatch(attribute, Regex.Escape(value).Replace("\\*", ".*", StringComparison.Ordinal), ignoreCase);

    // A value without a port is asked about the name, one with a port about both; the generated hosts are no addresses.
    private static bool Host(string value, string host) => value.Contains(':', StringComparison.Ordinal)
        ? Wildcard(value, host, ignoreCase: true)
        : Wildcard(value, host.Split(':')[0].TrimEnd('.'), ignoreCase: true);

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
