using System.CommandLine;

namespace Mesh.Tool.Certificates;

/// <summary>Where a command takes its certificates from.</summary>
internal static class SourceArgument
{
    public static Argument<string> Create() => new("source")
    {
        Description = "A file (PEM, DER or PKCS#12), - for standard input, or host:port of a server to ask.",
    };

    public static Option<FileInfo?> PasswordFile() => new("--password-file")
    {
        Description = "The file with the password of a PKCS#12 file.",
    };
}
