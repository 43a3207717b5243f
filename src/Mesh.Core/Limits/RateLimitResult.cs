namespace Mesh.Limits;

/// <summary>The answer of a rate limit.</summary>
/// <param name="Allowed">Whether the request may pass.</param>
/// <param name="Remaining">How many more may pass right now.</param>
/// <param name="RetryAfter">When refused, how long until one may pass; zero when allowed.</param>
/// <param name="ResetAfter">How long until the full burst is available again, if nothing else passes.</param>
public readonly record struct RateLimitResult(bool Allowed, int Remaining, TimeSpan RetryAfter, TimeSpan ResetAfter);
