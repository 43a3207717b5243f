namespace Mesh.Server.Problems;

/// <summary>A page for people that says what a <see cref="MeshProblem"/> says.</summary>
/// <param name="ContentType">The type of the content, such as <c>text/html; charset=utf-8</c>.</param>
/// <param name="Content">The page. Whatever comes from a request must be encoded in it.</param>
/// <param name="SecurityPolicy">The value of <c>Content-Security-Policy</c>; <see langword="null"/> for none.</param>
public sealed record ProblemPage(string ContentType, ReadOnlyMemory<byte> Content, string? SecurityPolicy = null);
