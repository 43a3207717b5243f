namespace Mesh.Authorization;

/// <summary>Whether a request may pass, and which rule says so.</summary>
/// <param name="Allowed">Whether it may.</param>
/// <param name="Policy">The policy that decided; <see langword="null"/> when none matched.</param>
/// <param name="Rule">The index of that policy's rule that matched; -1 when none did.</param>
public readonly record struct AuthorizationDecision(bool Allowed, string? Policy, int Rule)
{
    /// <summary>The answer when no policy matched.</summary>
    internal static AuthorizationDecision Unmatched(bool allowed) => new(allowed, null, -1);
}
