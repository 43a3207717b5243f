using System.Security.Cryptography;
using System.Text;
using Mesh.Configuration;

namespace Mesh.Gateway.Pages;

/// <summary>Reads the files of pages, and says whether they have changed.</summary>
internal static class PageFiles
{
    private const int MaxLength = 256 * 1024;

    // A file of another encoding would show nonsense.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns><see langword="null"/> with an error when it cannot be a page: it is not there, empty, too large or not UTF-8.</returns>
    public static string? Read(string file, string path, ConfigurationErrors errors)
    {
        if (TryRead(file) is { Length: > 0 } text)
        {
            return text;
        }

        errors.Add(path, file, $"a file in UTF-8 that can be read, with up to {MaxLength / 1024} KB and not empty");
        return null;
    }

    /// <summary>Differs when what is in the files does.</summary>
    public static string Fingerprint(IEnumerable<string?> texts) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', texts.Select(static text => text ?? "\u0001")))));

    /// <summary>Of the files as they are.</summary>
    public static string FingerprintOf(IEnumerable<string> files) => Fingerprint(files.Select(TryRead));

    private static string? TryRead(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxLength ? File.ReadAllText(file, Strict) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
