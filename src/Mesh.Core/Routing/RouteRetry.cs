using System.Collections.Immutable;

namespace Mesh.Routing;

/// <summary>What a rule says about repetitions, over what the service says. Immutable.</summary>
public sealed class RouteRetry
{
    internal RouteRetry(ImmutableArray<int>? codes, int? attempts, TimeSpan? backoff)
    {
        Codes = codes;
        Attempts = attempts;
        Backoff = backoff;
    }

    /// <summary>Statuses that are repeated; <see langword="null"/> when the rule says nothing.</summary>
    public ImmutableArray<int>? Codes { get; }

    /// <summary>How often at most; <see langword="null"/> when the rule says nothing.</summary>
    public int? Attempts { get; }

    /// <summary>The shortest pause before a repetition; <see langword="null"/> when the rule says nothing.</summary>
    public TimeSpan? Backoff { get; }
}
