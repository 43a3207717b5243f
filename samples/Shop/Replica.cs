using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Shop;

/// <summary>One process of the shop: a service with its own copy of appsettings.json, which can be edited while it runs.</summary>
internal sealed class Replica : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly string _assembly;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private Process? _process;

    public Replica(string name, string project, int port, string runDirectory, IReadOnlyDictionary<string, string> settings)
    {
        Name = name;
        Port = port;
        _settings = settings;

        // artifacts/bin/Shop/debug → artifacts/bin/{project}/debug
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var binaries = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration));
        _assembly = Path.Combine(binaries, $"{project}.dll");
        _directory = Path.Combine(runDirectory, name);
        Directory.CreateDirectory(_directory);
        File.Copy(Path.Combine(binaries, "appsettings.json"), SettingsFile, overwrite: true);
    }

    public string Name { get; }

    public int Port { get; }

    public bool IsRunning => _process is { HasExited: false };

    public string LogFile => Path.Combine(_directory, "log.txt");

    private string SettingsFile => Path.Combine(_directory, "appsettings.json");

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { _assembly, "--contentRoot", _directory },
            WorkingDirectory = _directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(Replica).Assembly.Location;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (key, value) in _settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start)!;
        var log = TextWriter.Synchronized(new StreamWriter(LogFile, append: true) { AutoFlush = true });
        _process.OutputDataReceived += (_, line) => log.WriteLine(line.Data);
        _process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL: no shutdown, no goodbye to connections.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
    }

    /// <summary>Waits until it accepts connections.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{Name} ended at its start:{Environment.NewLine}{await File.ReadAllTextAsync(LogFile, cancellationToken)}");
            }

            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    /// <summary>Changes one value of its appsettings.json as an editor would; the service reloads it.</summary>
    public void Edit(string path, int value)
    {
        var root = JsonNode.Parse(File.ReadAllText(SettingsFile))!;
        var keys = path.Split(':');
        var node = root;
        foreach (var key in keys[..^1])
        {
            node = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? node[index]! : node[key]!;
        }

        node[keys[^1]] = value;
        var temporary = $"{SettingsFile}.new";
        File.WriteAllText(temporary, root.ToJsonString(Indented));
        File.Move(temporary, SettingsFile, overwrite: true);
    }

    public void Dispose()
    {
        if (IsRunning)
        {
            Kill();
        }

        _process?.Dispose();
    }
}
