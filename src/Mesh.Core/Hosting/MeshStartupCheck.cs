namespace Mesh.Hosting;

/// <summary>
/// Something that must be in order before the application starts. All checks run before any listener opens, and
/// their configuration errors are reported together.
/// </summary>
/// <param name="Subject">What is checked, such as <c>Mesh:Client</c>.</param>
/// <param name="Check">Builds it; throws <see cref="Mesh.Configuration.MeshConfigurationException"/> when it cannot be built.</param>
public sealed record MeshStartupCheck(string Subject, Action Check);
