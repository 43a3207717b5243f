namespace Mesh.Authorization;

/// <summary>A policy whose rules are compiled.</summary>
internal sealed class CompiledPolicy(string name, CompiledRule[] rules)
{
    public string Name => name;

    /// <summary>The index of the first rule that matches, or -1.</summary>
    public int FindMatch(in AuthorizationRequest request)
    {
        for (var index = 0; index < rules.Length; index++)
        {
            if (rules[index].Matches(in request))
            {
                return index;
            }
        }

        return -1;
    }
}
