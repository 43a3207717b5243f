namespace Mesh.Routing;

/// <summary>The rule that takes a request.</summary>
/// <param name="Rule">The rule, or <see langword="null"/> when none takes it.</param>
/// <param name="PrefixLength">How much of the path a prefix match covers, for <see cref="UrlRewrite.Apply"/>; 0 for other matches.</param>
public readonly record struct RouteSelection(RouteRule? Rule, int PrefixLength);
