namespace Mesh.Routing;

/// <summary>Who gets copies of a rule's requests. Immutable.</summary>
public sealed class RouteMirror
{
    private readonly int _numerator;
    private readonly int _denominator;

    internal RouteMirror(RouteRule rule, int numerator, int denominator, bool keepCredentials)
    {
        Rule = rule;
        _numerator = numerator;
        _denominator = denominator;
        KeepCredentials = keepCredentials;
    }

    /// <summary>What holds for the copies: one backend, no repetitions.</summary>
    public RouteRule Rule { get; }

    /// <summary>Who gets the copies.</summary>
    public RouteBackend Backend => Rule.Backends[0];

    /// <summary>Whether the copies keep what proves who the caller is.</summary>
    public bool KeepCredentials { get; }

    /// <summary>Whether this request is copied.</summary>
    public bool Draws(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return _numerator >= _denominator || random.Next(_denominator) < _numerator;
    }
}
