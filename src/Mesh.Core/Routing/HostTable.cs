using System.Collections.Frozen;

namespace Mesh.Routing;

/// <summary>Tables by host name: the exact name first, then wildcards from the longest to the shortest, then those for every host.</summary>
/// <typeparam name="TPaths">What a host name leads to.</typeparam>
internal sealed class HostTable<TPaths>
    where TPaths : class, IPathTable
{
    public const string AnyHost = "";
    private const string WildcardLabel = "*";

    private readonly FrozenDictionary<string, TPaths>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, TPaths>.AlternateLookup<ReadOnlySpan<char>> _wildcards;
    private readonly TPaths? _any;
    private readonly int _longestSuffix;

    /// <summary>Creates it.</summary>
    /// <param name="tables">The tables by exact name, <c>*.suffix</c>, or <see cref="AnyHost"/>; names in any case.</param>
    public HostTable(IReadOnlyDictionary<string, TPaths> tables)
    {
        _exact = tables.Where(static pair => pair.Key != AnyHost && !IsWildcard(pair.Key))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        var wildcards = tables.Where(static pair => IsWildcard(pair.Key))
            .ToFrozenDictionary(static pair => pair.Key[WildcardLabel.Length..], static pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        _wildcards = wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestSuffix = wildcards.Count == 0 ? 0 : wildcards.Keys.Max(static suffix => suffix.Length);
        _any = tables.GetValueOrDefault(AnyHost);
    }

    /// <summary>Asks the tables of a request's host, the most specific first, until one takes it.</summary>
    public bool TryFind<TRequest>(in TRequest request, out RouteSelection selection)
        where TRequest : struct, IRouteRequest
    {
        var host = WithoutPort(request.Host);
        if (_exact.TryGetValue(host, out var paths) && paths.TryFind(request, out selection))
        {
            return true;
        }

        // Suffixes longer than any in the table need no look-up: a host name of thousands of labels costs nothing.
        var start = Math.Max(1, host.Length - _longestSuffix);
        while (start < host.Length)
        {
            var dot = host[start..].IndexOf('.');
            if (dot < 0)
            {
                break;
            }

            start += dot;
            if (_wildcards.TryGetValue(host[start..], out paths) && paths.TryFind(request, out selection))
            {
                return true;
            }

            start++;
        }

        selection = default;
        return _any is not null && _any.TryFind(request, out selection);
    }

    private static bool IsWildcard(string host) => host.StartsWith(WildcardLabel, StringComparison.Ordinal);

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        // The colons of an IPv6 address stand between brackets.
        var colon = host.LastIndexOf(':');
        return colon >= 0 && !host[colon..].Contains(']') ? host[..colon] : host;
    }
}
