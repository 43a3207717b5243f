namespace Mesh.Routing;

/// <summary>A header field a rule writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct RouteHeader(string Name, string Value);
