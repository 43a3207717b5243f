using System.Diagnostics;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>Runs a command to its end.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<(int ExitCode, string Output)> RunAsync(string file, DirectoryInfo directory, string? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await SayAsync(process, input);
            var said = $"{await output}{await errors}";
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, said);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task SayAsync(Process process, string? input)
    {
        if (input is null)
        {
            process.StandardInput.Close();
            return;
        }

        try
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has gone already.
        }
    }
}
