namespace Mesh.Routing;

/// <summary>What a rule says about hedges, over what the service says. Immutable.</summary>
public sealed class RouteHedging
{
    internal RouteHedging(int? attempts, TimeSpan? delay)
    {
        Attempts = attempts;
        Delay = delay;
    }

    /// <summary>How many at most; <see langword="null"/> when the rule says nothing.</summary>
    public int? Attempts { get; }

    /// <summary>How long to wait for the first answer; <see langword="null"/> when the rule says nothing.</summary>
    public TimeSpan? Delay { get; }
}
