namespace Mesh.Hosting;

/// <summary>
/// Something that must be in order before the application starts. All checks run before any listener opens, and
/// their configuration errors are reported together.
/// </summary>
/// <param name="Subject">What is checked, such as <c>Mesh:Client</c>.</param>
/// <param name="Check">Builds it; throws <see cref="Mesh.Configuration.MeshConfigurationException"/> when it cannot be built.</param>
public sealed record MeshStartupCheck(string Subject, Action Check)
{
    /// <summary>
    /// What to wait for before any check runs, such as the first answer of another process. It bounds its own time, and what
    /// is still missing then is for the checks to say. Default: nothing.
    /// </summary>
    public Func<CancellationToken, Task>? Prepare { get; init; }
}
