namespace Mesh.Identity.Files;

/// <summary>Writes a file that holds a secret: readable by its owner only from its first byte on, and whole or not at all.</summary>
internal static class OwnerOnlyFile
{
    public static void Write(string path, string content)
    {
        // One file of this name each: an earlier one, of any mode, must not lend its permissions.
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
