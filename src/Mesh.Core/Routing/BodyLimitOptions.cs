using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>How large the body of a request may be.</summary>
public sealed class BodyLimitOptions
{
    /// <summary>The largest body in bytes: 0 to 2,147,483,647. It may be above the server's own limit; required.</summary>
    public int? MaxBytes { get; set; }

    internal static void Read(ConfigurationReader reader, BodyLimitOptions options) => options.MaxBytes = reader.Integer(nameof(MaxBytes)) ?? options.MaxBytes;

    internal long? Compile(string path, ConfigurationErrors errors)
    {
        if (MaxBytes is null or < 0)
        {
            errors.Add($"{path}:{nameof(MaxBytes)}", MaxBytes, $"a whole number from 0 to {int.MaxValue}");
        }

        return MaxBytes;
    }
}
