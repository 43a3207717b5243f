namespace Mesh.Limits;

/// <summary>Charges several limits for one request: all of them, or none.</summary>
public static class RateLimiterSet
{
    /// <summary>Takes the tokens of each charge if every limit has them.</summary>
    /// <param name="charges">The limits and the keys to charge.</param>
    /// <param name="results">
    /// The answer of each limit, at least as many as <paramref name="charges"/>. When one refuses, nothing stays charged:
    /// each refusing limit says so, and the others tell what they would have left.
    /// </param>
    /// <returns>Whether the request may pass.</returns>
    /// <remarks>
    /// All limits are asked before any is charged, so a caller over its own limit does not touch the limits it shares. Should
    /// another request take the last token between question and charge, what was charged until then is given back, less what
    /// the bucket refilled meanwhile: no limit is ever exceeded, and a token lost this way is back within the moment it took.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="results"/> is too short.</exception>
    public static bool TryAcquire(ReadOnlySpan<RateLimitCharge> charges, Span<RateLimitResult> results)
    {
        if (results.Length < charges.Length)
        {
            throw new ArgumentException("There must be a result for each charge.", nameof(results));
        }

        if (charges.Length > 1 && !TryPeek(charges, results))
        {
            return false;
        }

        return Charge(charges, results);
    }

    /// <summary>What <see cref="TryAcquire"/> would answer, with nothing taken.</summary>
    /// <param name="charges">The limits and the keys.</param>
    /// <param name="results">The answer of each limit, at least as many as <paramref name="charges"/>.</param>
    public static bool TryPeek(ReadOnlySpan<RateLimitCharge> charges, Span<RateLimitResult> results)
    {
        var allowed = true;
        for (var index = 0; index < charges.Length; index++)
        {
            results[index] = charges[index].Table.Peek(charges[index].Key, charges[index].Cost);
            allowed &= results[index].Allowed;
        }

        return allowed;
    }

    // Recursive so that the stack remembers what to give back.
    private static bool Charge(ReadOnlySpan<RateLimitCharge> charges, Span<RateLimitResult> results)
    {
        if (charges.IsEmpty)
        {
            return true;
        }

        var (table, key, cost) = charges[0];
        results[0] = table.TryAcquire(key, cost, out var reservation);
        if (!results[0].Allowed)
        {
            return false;
        }

        if (Charge(charges[1..], results[1..]))
        {
            return true;
        }

        reservation.Return();
        results[0] = table.Peek(key, cost);
        return false;
    }
}
