using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Mesh.Gateway.Manifests;

/// <summary>All manifests of a folder as they were at one moment. Immutable.</summary>
internal sealed record ManifestFiles
{
    /// <summary>The largest file.</summary>
    public const int MaxFileBytes = 1 << 20;

    /// <summary>The largest folder.</summary>
    public const long MaxBytes = 64L << 20;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private ManifestFiles(string directory, ImmutableArray<ManifestFile> all, ImmutableArray<string> errors)
    {
        Directory = directory;
        All = all;
        Errors = errors;
        Fingerprint = Hash(all, errors);
    }

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <summary>The files in the order of their names.</summary>
    public ImmutableArray<ManifestFile> All { get; }

    /// <summary>Why some could not be read.</summary>
    public ImmutableArray<string> Errors { get; private init; }

    /// <summary>Equal for equal names and contents.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads a folder. Whatever stands in the way of that is in <see cref="Errors"/>.</summary>
    public static ManifestFiles Read(string directory)
    {
        var files = ImmutableArray.CreateBuilder<ManifestFile>();
        var errors = ImmutableArray.CreateBuilder<string>();
        try
        {
            var bytes = 0L;
            foreach (var path in System.IO.Directory.EnumerateFiles(directory).Where(static path => IsManifest(Path.GetFileName(path))).Order(StringComparer.Ordinal))
            {
                var file = Read(path, errors);
                bytes += file.Content.Length;
                if (bytes > MaxBytes)
                {
                    errors.Add($"{directory}: found more than {MaxBytes} bytes of manifests, allowed are so many.");
                    break;
                }

                files.Add(file);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{directory}: the folder cannot be read: {exception.Message}");
        }

        return new ManifestFiles(directory, files.ToImmutable(), errors.ToImmutable());
    }

    /// <summary>What follows <paramref name="last"/>: a folder that has lost all its files is one that is being replaced, not a wish to run without routes.</summary>
    public ManifestFiles Behind(ManifestFiles last) => All.IsEmpty && Errors.IsEmpty && !last.All.IsEmpty
        ? this with { Errors = [$"{Directory}: every manifest has disappeared; remove Mesh:Gateway:Manifests to run without them."] }
        : this;

    private static bool IsManifest(string name) =>
        name[0] != '.' && (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase));

    private static ManifestFile Read(string path, ImmutableArray<string>.Builder errors)
    {
        var name = Path.GetFileName(path);
        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            errors.Add($"{Path.GetDirectoryName(path)}: the name of a manifest is made of letters, digits, '.', '-' and '_'.");
            return new ManifestFile("", []);
        }

        // Whoever writes the file must not be kept from it. One byte more than allowed tells a file that grows meanwhile.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var content = new byte[Math.Min(stream.Length, MaxFileBytes) + 1];
        var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (length > MaxFileBytes)
        {
            errors.Add($"{name}: found more than {MaxFileBytes} bytes, allowed are so many.");
            return new ManifestFile(name, []);
        }

        return new ManifestFile(name, content[..length]);
    }

    private static string Hash(ImmutableArray<ManifestFile> files, ImmutableArray<string> errors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Name}\n{file.Content.Length}\n"));
            hash.AppendData(file.Content);
        }

        foreach (var error in errors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(error));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
