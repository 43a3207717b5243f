using System.Text.RegularExpressions;

namespace Mesh.Routing;

/// <summary>A compiled match and the path it is found under.</summary>
/// <param name="Match">Its conditions beside the path.</param>
/// <param name="Path">The path, the prefix, or the text of the expression.</param>
/// <param name="Type">How the path is compared.</param>
/// <param name="Pattern">The expression, where the path is one.</param>
internal readonly record struct CompiledMatch(RouteMatch Match, string Path, PathMatchType Type, Regex? Pattern);
