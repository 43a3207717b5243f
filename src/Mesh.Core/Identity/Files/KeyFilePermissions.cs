using Microsoft.Extensions.Logging;

namespace Mesh.Identity.Files;

/// <summary>Warns of a private key that other users of the machine can read.</summary>
/// <remarks>
/// A warning and not a refusal: whoever mounts the files decides. Volumes of Kubernetes, known by their <c>..data</c>, are
/// 0644 by default and visible to one container only; there it would be noise.
/// </remarks>
internal static partial class KeyFilePermissions
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static void Check(CertificateFilePaths paths, ILogger logger)
    {
        var path = new[] { paths.Pkcs12, paths.Key, paths.Certificate }.First(static file => !string.IsNullOrEmpty(file))!;
        if (OperatingSystem.IsWindows() || Path.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "..data")))
        {
            return;
        }

        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                Log.Readable(logger, path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has been read a moment ago; if it is gone again, the next poll says so.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(14, LogLevel.Warning, "The private key in '{Path}' can be read by other users of this machine: set its mode to 600.")]
        public static partial void Readable(ILogger logger, string path);
    }
}
