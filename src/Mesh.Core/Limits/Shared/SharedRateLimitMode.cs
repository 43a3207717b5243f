namespace Mesh.Limits;

/// <summary>How often the store of a shared limit is asked.</summary>
public enum SharedRateLimitMode
{
    /// <summary>For every request: the limit holds exactly, whatever the number of processes.</summary>
    Exact,

    /// <summary>
    /// For one request in some: each answer brings tokens for the next. In any interval <see cref="SharedRateLimitOptions.Overshoot"/>
    /// more may pass than the limit says, whatever the number of processes.
    /// </summary>
    Leased,
}
