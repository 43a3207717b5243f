using Microsoft.Extensions.Time.Testing;

namespace Mesh.Tool.Tests;

/// <summary>One call of the command, in a folder of its own, with what it printed.</summary>
internal sealed class ToolRun : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-tool-").FullName;

    public FakeTimeProvider Time { get; } = new(Now);

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>The development CA of the test, never the user's own.</summary>
    public string Authority => Path.Combine(_folder, "ca");

    public string PathOf(string name) => Path.Combine(_folder, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return PathOf(name);
    }

    public async Task<int> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await MeshTool.RunAsync(args, output, error, Time);
        (Output, Error) = (output.ToString(), error.ToString());
        return exitCode;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
