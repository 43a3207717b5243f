namespace Mesh.Authorization;

/// <summary>Whether one policy matches a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Action">What it does with what it matches.</param>
/// <param name="DryRun">Whether it is tried out.</param>
/// <param name="MatchedRule">The index of its first rule that matches; -1 when none does.</param>
/// <param name="Mismatches">For each rule that does not match, the fields in the way: <c>Rules:0:From:0:Principals</c>.</param>
public sealed record PolicyExplanation(string Name, AuthorizationAction Action, bool DryRun, int MatchedRule, IReadOnlyList<string> Mismatches);
