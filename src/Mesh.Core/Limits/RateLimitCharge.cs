namespace Mesh.Limits;

/// <summary>One limit to charge, the key to charge, and how much.</summary>
/// <param name="Table">The limit.</param>
/// <param name="Key">The key in it.</param>
/// <param name="Cost">How many tokens are taken: 1 to <see cref="RateLimiterTable.Burst"/>.</param>
public readonly record struct RateLimitCharge(RateLimiterTable Table, string Key, int Cost = 1);
