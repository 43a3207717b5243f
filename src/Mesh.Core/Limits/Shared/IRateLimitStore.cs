namespace Mesh.Limits;

/// <summary>Keeps the state of limits that several processes share. Adapters implement it; time is the store's own.</summary>
public interface IRateLimitStore
{
    /// <summary>Takes the tokens of each charge if every limit has them, in one step of the store.</summary>
    /// <param name="charges">What to take.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked for may be taken all the same.</param>
    /// <returns>
    /// The answer of each limit. When one refuses, nothing is taken: each refusing limit says so, and the others tell what they
    /// have left.
    /// </returns>
    /// <exception cref="Exception">The store cannot be reached, or does not answer: any exception means that.</exception>
    ValueTask<IReadOnlyList<SharedRateLimitResult>> ChargeAsync(IReadOnlyList<SharedRateLimitCharge> charges, CancellationToken cancellationToken);

    /// <summary>Gives back what was taken, because a limit elsewhere has refused the request.</summary>
    /// <param name="charges">What was asked for.</param>
    /// <param name="results">What <see cref="ChargeAsync"/> has answered to that.</param>
    ValueTask RefundAsync(IReadOnlyList<SharedRateLimitCharge> charges, IReadOnlyList<SharedRateLimitResult> results);
}
