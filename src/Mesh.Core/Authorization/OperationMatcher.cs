namespace Mesh.Authorization;

/// <summary>One compiled entry of <c>To</c>.</summary>
internal sealed class OperationMatcher
{
    public required FieldMatcher Hosts { get; init; }

    public required FieldMatcher Methods { get; init; }

    public required FieldMatcher Paths { get; init; }

    public bool Matches(in AuthorizationRequest request) =>
        Methods.Holds(request.Method)
        && Paths.Holds(request.Path)
        && Hosts.Holds(request.Host);
}
