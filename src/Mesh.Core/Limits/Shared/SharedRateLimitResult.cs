namespace Mesh.Limits;

/// <summary>The answer of one shared limit.</summary>
/// <param name="Result">The answer to the request.</param>
/// <param name="Ahead">How many tokens were taken ahead.</param>
/// <param name="At">When, by the clock of the store and in a unit of its own: for giving back.</param>
public readonly record struct SharedRateLimitResult(RateLimitResult Result, int Ahead, double At);
