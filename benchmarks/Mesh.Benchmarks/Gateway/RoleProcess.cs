using System.Diagnostics;
using System.Globalization;

namespace Mesh.Benchmarks.Gateway;

/// <summary>
/// The benchmark itself once more, as a process with a role. It ends when its standard input does, so that none is left when
/// this one is killed.
/// </summary>
internal sealed class RoleProcess : ITarget, IAsyncDisposable
{
    private readonly Process _process;

    private RoleProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Id => _process.Id;

    public int Port { get; }

    public static async Task<RoleProcess> StartAsync(GatewayRole role, string folder, int backend)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Mesh.Benchmarks.dll"));
        }

        foreach (var argument in (string[])["gateway", "role", role.ToString(), folder, backend.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        // What a web application has by default.
        start.Environment["DOTNET_gcServer"] = role == GatewayRole.Load ? "0" : "1";
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        return new RoleProcess(process, int.TryParse(line, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw new InvalidOperationException($"{role} did not start: {line}"));
    }

    /// <summary>One line there, one line back.</summary>
    public async Task<string> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The process has ended.");
    }

    public async Task<double?> CountBytesAsync() => double.Parse(await AskAsync("bytes"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
