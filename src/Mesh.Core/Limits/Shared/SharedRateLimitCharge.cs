namespace Mesh.Limits;

/// <summary>What is taken of one shared limit.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">The key in it.</param>
/// <param name="Cost">The tokens of the request.</param>
/// <param name="Ahead">How many tokens more are wanted, for requests to come; as many as there are, and no refusal when there are none.</param>
public sealed record SharedRateLimitCharge(RateLimitOptions Limit, string Key, int Cost, int Ahead);
