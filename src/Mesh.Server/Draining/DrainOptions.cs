using Mesh.Configuration;

namespace Mesh.Server.Draining;

/// <summary>How this service leaves: section <c>Mesh:Server:Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// How long requests are still served after the process was told to stop, while its readiness fails already and callers
    /// find other replicas. What is in flight then has the host's <c>ShutdownTimeout</c> to end.
    /// </summary>
    /// <value>Default 5 seconds; none in the Development environment. At most an hour.</value>
    public TimeSpan? Grace { get; set; }

    internal static void Read(ConfigurationReader reader, DrainOptions options) => options.Grace = reader.Duration(nameof(Grace)) ?? options.Grace;

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Grace is { } grace && (grace < TimeSpan.Zero || grace > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:{nameof(Grace)}", grace, "a duration from 0 to 1 hour");
        }
    }
}
