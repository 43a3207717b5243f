using System.CommandLine;
using Mesh.ApiKeys;

namespace Mesh.Tool.ApiKeys;

/// <summary><c>mesh key secret</c>: what a service hashes its keys with.</summary>
internal static class SecretCommand
{
    public static Command Create()
    {
        var command = new Command("secret", "Prints a new secret for Mesh:Server:Authentication:ApiKeys:Secrets.");
        command.SetAction(static parsed => parsed.InvocationConfiguration.Output.WriteLine(ApiKeySecret.Generate()));
        return command;
    }

    /// <summary>The option by which a command is given the secret: never on the command line, which others can see.</summary>
    public static Option<FileInfo> Option() => new("--secret-file")
    {
        Description = "The file with the secret of the service, as 'mesh key secret' prints it.",
        Required = true,
    };

    /// <exception cref="FormatException">The file holds no secret.</exception>
    public static byte[] Read(FileInfo file) => ApiKeySecret.TryParse(File.ReadAllText(file.FullName).Trim())
        ?? throw new FormatException($"{file.FullName} does not hold base64 of at least {ApiKeyHash.MinSecretBytes} bytes; 'mesh key secret' makes a secret.");
}
