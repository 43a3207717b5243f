using System.Text.RegularExpressions;

namespace Mesh.Routing.Grpc;

/// <summary>A match of a gRPC rule and the methods it is found under.</summary>
/// <param name="Match">The rest of the match.</param>
/// <param name="Service">The service or the expression for it; <see langword="null"/> for every one.</param>
/// <param name="ServicePattern">The compiled expression, where it is one.</param>
/// <param name="Method">The same for the method.</param>
/// <param name="MethodPattern">The same for the method.</param>
internal readonly record struct CompiledGrpcMatch(RouteMatch Match, string? Service, Regex? ServicePattern, string? Method, Regex? MethodPattern);
