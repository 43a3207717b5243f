namespace Mesh.Limits;

/// <summary>Tokens that were taken and may be given back.</summary>
internal readonly record struct RateLimitReservation(RateLimiterTable? Table, ulong Key, long Acquired, int Cost)
{
    /// <summary>Gives the tokens back.</summary>
    public void Return() => Table?.Refund(Key, Acquired, Cost);
}
