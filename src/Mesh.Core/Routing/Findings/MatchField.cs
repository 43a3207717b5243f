namespace Mesh.Routing.Findings;

/// <summary>Where a match stands.</summary>
/// <param name="Route">Its route.</param>
/// <param name="Match">The match.</param>
/// <param name="Index">Its position in its rule; -1 for that of a rule without matches, or one that says as little.</param>
internal readonly record struct MatchField(CompiledRoute Route, RouteMatch Match, int Index)
{
    /// <summary>The path of its field.</summary>
    public string Path
    {
        get
        {
            var rule = $"{Route.Path}:{nameof(RouteOptions.Rules)}:{Match.Position}";
            return Index < 0 ? rule : $"{rule}:{nameof(RouteRuleOptions.Matches)}:{Index}";
        }
    }
}
