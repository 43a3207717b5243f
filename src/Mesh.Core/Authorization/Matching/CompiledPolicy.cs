namespace Mesh.Authorization;

/// <summary>A policy whose rules are compiled.</summary>
internal sealed class CompiledPolicy(string name, AuthorizationAction action, bool isDryRun, string? provider, CompiledRule[] rules, RuleKeys[] keys)
{
    public string Name => name;

    public AuthorizationAction Action => action;

    public bool IsDryRun => isDryRun;

    /// <summary>The authorizer it asks; set for <see cref="AuthorizationAction.Custom"/>.</summary>
    public string? Provider => provider;

    public CompiledRule[] Rules => rules;

    /// <summary>What the index finds each rule by.</summary>
    public RuleKeys[] Keys => keys;
}
