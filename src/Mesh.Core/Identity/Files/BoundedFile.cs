namespace Mesh.Identity.Files;

/// <summary>Reads whole files of a bounded size.</summary>
internal static class BoundedFile
{
    /// <summary>Reads one.</summary>
    /// <exception cref="MeshIdentityException">It is not there, may not be read, or is too large.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            // Whoever renews the file must not be kept from writing, moving or deleting it.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var length = stream.Length;
            if (length > SpiffeBundle.MaxBytes)
            {
                throw new MeshIdentityException($"'{path}' has {length} bytes, and {SpiffeBundle.MaxBytes} are allowed.");
            }

            var content = new byte[length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MeshIdentityException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
