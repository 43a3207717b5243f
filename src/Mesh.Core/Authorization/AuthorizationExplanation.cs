namespace Mesh.Authorization;

/// <summary>Why a request is allowed or refused.</summary>
/// <param name="Decision">The decision of the denying and allowing policies in force, and the policy and rule that made it.</param>
/// <param name="DryRunDecision">The decision if the policies that are tried out were in force too.</param>
/// <param name="Policies">Every policy, in the order of their names.</param>
public sealed record AuthorizationExplanation(
    AuthorizationDecision Decision,
    AuthorizationDecision DryRunDecision,
    IReadOnlyList<PolicyExplanation> Policies);
