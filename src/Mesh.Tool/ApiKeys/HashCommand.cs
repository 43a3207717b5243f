using System.CommandLine;
using Mesh.ApiKeys;

namespace Mesh.Tool.ApiKeys;

/// <summary><c>mesh key hash</c>: what is stored of a key that exists already.</summary>
internal static class HashCommand
{
    public static Command Create()
    {
        var secret = SecretCommand.Option();
        var file = new Option<FileInfo>("--key-file") { Description = "The file with the key.", Required = true };
        var command = new Command("hash", "Prints the hash of a key that another system has given out.") { file, secret };
        command.SetAction(parsed =>
        {
            var key = File.ReadAllText(parsed.GetRequiredValue(file).FullName).Trim();
            if (key.Length is 0 or > ApiKey.MaxLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                throw new FormatException($"The file does not hold one key of 1 to {ApiKey.MaxLength} printable ASCII characters.");
            }

            parsed.InvocationConfiguration.Output.WriteLine(ApiKeyHash.Of(key, SecretCommand.Read(parsed.GetRequiredValue(secret))).ToString());
        });
        return command;
    }
}
