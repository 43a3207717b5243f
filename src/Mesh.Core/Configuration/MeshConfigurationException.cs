namespace Mesh.Configuration;

/// <summary>A configuration was refused as a whole. The message lists every error on a line of its own.</summary>
public sealed class MeshConfigurationException : InvalidOperationException
{
    /// <summary>Creates it from what is wrong.</summary>
    /// <param name="subject">What was being configured, such as <c>Mesh:Client</c>.</param>
    /// <param name="errors">Each error with the path of its field.</param>
    public MeshConfigurationException(string subject, IReadOnlyCollection<string> errors)
        : base($"The configuration of {subject} is invalid:{string.Concat(errors.Select(static error => $"{Environment.NewLine}  - {error}"))}") =>
        Errors = errors;

    /// <summary>Each error with the path of its field, what was found and what is allowed.</summary>
    public IReadOnlyCollection<string> Errors { get; }
}
