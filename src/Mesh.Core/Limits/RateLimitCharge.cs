namespace Mesh.Limits;

/// <summary>One limit to charge, and the key to charge.</summary>
/// <param name="Table">The limit.</param>
/// <param name="Key">The key in it.</param>
public readonly record struct RateLimitCharge(RateLimiterTable Table, string Key);
