namespace Mesh.Routing;

/// <summary>One compiled match of a rule, without its host and path: those are where the table keeps it.</summary>
internal sealed class RouteMatch : IComparable<RouteMatch>
{
    private readonly string? _method;
    private readonly HeaderMatch[] _headers;
    private readonly QueryMatch[] _query;
    private readonly int _position;

    /// <summary>Creates it.</summary>
    /// <param name="rule">The rule it belongs to.</param>
    /// <param name="position">The position of the rule in its route.</param>
    /// <param name="method">The method, or <see langword="null"/> for every one.</param>
    /// <param name="headers">The header fields, each name once.</param>
    /// <param name="query">The query parameters, each name once.</param>
    public RouteMatch(RouteRule rule, int position, string? method, HeaderMatch[] headers, QueryMatch[] query)
    {
        Rule = rule;
        _position = position;
        _method = method;
        _headers = headers;
        _query = query;
    }

    public RouteRule Rule { get; }

    /// <summary>The position of the rule in its route.</summary>
    public int Position => _position;

    /// <summary>Whether it takes every request of its path.</summary>
    public bool IsUnconditional => _method is null && _headers.Length == 0 && _query.Length == 0;

    /// <summary>Equal for matches that say the same beside the path, in whatever order.</summary>
    public string Identity => IsUnconditional
        ? ""
        : string.Join('\n', [
            _method ?? "",
            .. _headers.Select(static header => header.Identity).Order(StringComparer.Ordinal),
            "?",
            .. _query.Select(static parameter => parameter.Identity).Order(StringComparer.Ordinal),
        ]);

    public bool Holds<TRequest>(in TRequest request)
        where TRequest : struct, IRouteRequest
    {
        if (_method is not null && !string.Equals(_method, request.Method, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var header in _headers)
        {
            if (!header.Holds(request))
            {
                return false;
            }
        }

        foreach (var parameter in _query)
        {
            if (!parameter.Holds(request.Query))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The more specific match comes first: method, headers, query, then the name of the route and the order of its rules.</summary>
    public int CompareTo(RouteMatch? other)
    {
        if (other is null)
        {
            return -1;
        }

        var order = (_method is null).CompareTo(other._method is null);
        order = order != 0 ? order : other._headers.Length.CompareTo(_headers.Length);
        order = order != 0 ? order : other._query.Length.CompareTo(_query.Length);
        order = order != 0 ? order : string.CompareOrdinal(Rule.RouteName, other.Rule.RouteName);
        return order != 0 ? order : _position.CompareTo(other._position);
    }
}
