namespace Mesh.Limits;

/// <summary>A token that was taken and may be given back.</summary>
internal readonly record struct RateLimitReservation(RateLimitCell Cell, long Acquired, long Interval)
{
    /// <summary>Gives the token back.</summary>
    /// <remarks>
    /// The bucket may have been full in between, and what would have flowed over then must not be given back. That is at
    /// most what the time since has refilled, so this much is kept: exact when no time has passed, and never too much.
    /// </remarks>
    public void Return(long now)
    {
        var owed = Interval - (now - Acquired);
        if (owed > 0)
        {
            Cell.Refund(owed);
        }
    }
}
