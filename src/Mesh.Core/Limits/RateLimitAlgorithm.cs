namespace Mesh.Limits;

/// <summary>How a rate limit counts.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>
    /// A token bucket, as the generic cell rate algorithm (GCRA): a burst, and then an even pace. In any interval <c>t</c> no
    /// more than <c>Burst + t × Limit / Window</c> pass.
    /// </summary>
    Gcra,

    /// <summary>
    /// A window that slides by halves: in no interval as long as the window do more than <c>Limit</c> pass, wherever it
    /// begins. What was used comes back after one to one and a half windows.
    /// </summary>
    SlidingWindow,
}
