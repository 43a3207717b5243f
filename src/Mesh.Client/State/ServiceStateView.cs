namespace Mesh.Client.State;

/// <summary>A service as the client sees it.</summary>
/// <param name="Name">Its host name.</param>
/// <param name="Scheme">What its endpoints speak.</param>
/// <param name="Retries">How many attempts were repetitions; the requests of all endpoints less these and the hedges are the calls.</param>
/// <param name="RetryBudget">How many retries the budget would pay for.</param>
/// <param name="RetriesRefused">How many retries were refused for lack of budget.</param>
/// <param name="Endpoints">Its endpoints, in order of their addresses.</param>
public sealed record ServiceStateView(
    string Name,
    string Scheme,
    long Retries,
    long RetryBudget,
    long RetriesRefused,
    IReadOnlyList<EndpointStateView> Endpoints)
{
    /// <summary>How many attempts were hedges.</summary>
    public long Hedges { get; init; }

    /// <summary>The measured latency after which a hedge is due, or <see langword="null"/> where none is measured.</summary>
    public TimeSpan? HedgeDelay { get; init; }

    /// <summary>Its circuit breaker, or <see langword="null"/> where it has none.</summary>
    public CircuitStateView? CircuitBreaker { get; init; }

    /// <summary>The share of attempts that is held back at this moment, 0 to 1; <see langword="null"/> where none ever is.</summary>
    public double? Throttled { get; init; }

    /// <summary>How many attempts were not made because of circuit breaker, throttling or limits.</summary>
    public long Refused { get; init; }

    /// <summary>Calls under way, where their number is limited; <see langword="null"/> where it is not.</summary>
    public int? Active { get; init; }

    /// <summary>Calls that wait for one of those to end; <see langword="null"/> where their number is not limited.</summary>
    public int? Pending { get; init; }

    /// <summary>The access tokens its calls carry, without the tokens; <see langword="null"/> where they carry none.</summary>
    public AccessTokenStateView? AccessToken { get; init; }
}
