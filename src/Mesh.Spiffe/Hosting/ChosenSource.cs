namespace Mesh.Spiffe;

/// <summary>The identity source of the agent, where it is the one that was chosen.</summary>
internal sealed class ChosenSource
{
    public WorkloadApiIdentitySource? Source { get; set; }
}
