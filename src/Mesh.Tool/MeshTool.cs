using System.CommandLine;
using Mesh.Identity;
using Mesh.Tool.ApiKeys;
using Mesh.Tool.Certificates;
using Mesh.Tool.Development;

namespace Mesh.Tool;

/// <summary>The command <c>mesh</c>.</summary>
/// <remarks>Exit codes: 0 done or accepted; 1 refused; 2 it could not be asked: wrong usage, or a file or peer that does not answer.</remarks>
internal static class MeshTool
{
    public const int Refused = 1;
    public const int Failed = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider time)
    {
        var root = new RootCommand("Looks after a mesh of Mesh.Library from the command line.")
        {
            new Command("cert", "Certificates of the mesh.")
            {
                ShowCommand.Create(time),
                VerifyCommand.Create(time),
                DevelopmentCommand.Create(time),
            },
            new Command("key", "API keys.")
            {
                NewCommand.Create(time),
                HashCommand.Create(),
                SecretCommand.Create(),
            },
        };
        var parsed = root.Parse(args);
        try
        {
            var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? Failed : exitCode;
        }
        catch (Exception exception) when (exception is MeshIdentityException or FormatException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(TerminalText.Clean(exception.Message)).ConfigureAwait(false);
            return Failed;
        }
    }
}
