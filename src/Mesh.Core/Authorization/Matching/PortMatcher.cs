namespace Mesh.Authorization;

/// <summary>What must hold of the port the connection was accepted at.</summary>
internal sealed class PortMatcher(string name, int[]? any, int[]? none) : TwoFormMatcher<int>(name, any, none)
{
    protected override bool MatchesAny(int[] values, bool isNot, in AuthorizationRequest request) =>
        request.Attributes is { DestinationPort: > 0 and var port } && Array.IndexOf(values, port) >= 0;
}
