namespace Mesh.Gateway.Quotas;

/// <summary>The answer of a quota.</summary>
/// <param name="Allowed">Whether the request may pass.</param>
/// <param name="Remaining">What is left.</param>
/// <param name="RetryAfter">When refused, how long until its cost fits.</param>
/// <param name="ResetAfter">How long until the whole quota is there again, if nothing else is used.</param>
internal readonly record struct QuotaResult(bool Allowed, long Remaining, TimeSpan RetryAfter, TimeSpan ResetAfter);
