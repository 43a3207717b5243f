namespace Mesh.Routing;

/// <summary>A rule and the one of its backends that gets a request: what a gateway has decided and the client carries out.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Backend">The backend.</param>
public sealed record RouteChoice(RouteRule Rule, RouteBackend Backend);
