namespace Mesh.Client.State;

/// <summary>What there is to know about the access tokens for a service, but for the tokens.</summary>
/// <param name="Source">Where they come from.</param>
/// <param name="ExpiresIn">What is left of this process's own token; <see langword="null"/> where it has none that holds.</param>
/// <param name="Callers">How many callers' tokens are kept, about; <see langword="null"/> where none are.</param>
/// <param name="Failure">Why the last attempt to get one failed; <see langword="null"/> when it did not.</param>
public sealed record AccessTokenStateView(string Source, TimeSpan? ExpiresIn, int? Callers, string? Failure);
