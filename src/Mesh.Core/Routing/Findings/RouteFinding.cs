namespace Mesh.Routing.Findings;

/// <summary>Something about a route that is valid and probably not meant so.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The field it is about, as error messages give it.</param>
/// <param name="Other">The field of another route that is the reason; <see langword="null"/> when there is none.</param>
/// <param name="Message">It in words.</param>
public sealed record RouteFinding(RouteFindingKind Kind, string Path, string? Other, string Message);
