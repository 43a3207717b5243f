using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Mesh.Tests.Certificates;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>The openssl tool as a peer: it presents whatever it is given.</summary>
internal sealed class OpenSsl : IAsyncDisposable
{
    // Level 0 lets it send keys and signatures that are too weak.
    private const string AnyStrength = "ALL:@SECLEVEL=0";

    private readonly Process _process;
    private readonly string _directory;
    private readonly ConcurrentQueue<string?> _errors = new();

    private OpenSsl(ChainCase chain, params string[] arguments)
    {
        _directory = Directory.CreateTempSubdirectory("mesh-openssl-").FullName;
        var start = new ProcessStartInfo("openssl")
        {
            WorkingDirectory = _directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        File.WriteAllText(Path.Combine(_directory, "leaf.pem"), chain.Leaf.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "key.pem"), chain.Leaf.Key.ExportPem());
        File.WriteAllText(Path.Combine(_directory, "chain.pem"), string.Join('\n', chain.Others.Select(static other => other.ExportCertificatePem())));
        string[] identity = ["-cert", "leaf.pem", "-key", "key.pem", "-cipher", AnyStrength];
        foreach (var argument in chain.Others.Length == 0 ? identity : [.. identity, "-cert_chain", "chain.pem"])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>A server that answers every request with a page.</summary>
    public static async Task<(OpenSsl Server, int Port)> ServeAsync(ChainCase chain, CancellationToken cancellationToken)
    {
        var server = new OpenSsl(chain, "s_server", "-accept", "127.0.0.1:0", "-www", "-alpn", "http/1.1");
        while (await server._process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ACCEPT 127.0.0.1:", StringComparison.Ordinal))
            {
                return (server, int.Parse(line["ACCEPT 127.0.0.1:".Length..], null));
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("openssl did not start.");
    }

    /// <summary>A client that asks for <c>/</c>; what it says has the answer, or what went wrong.</summary>
    public static async Task<string> GetAsync(ChainCase chain, int port, CancellationToken cancellationToken)
    {
        await using var client = new OpenSsl(chain, "s_client", "-connect", $"127.0.0.1:{port}", "-quiet", "-no_ign_eof", "-alpn", "http/1.1");
        try
        {
            await client._process.StandardInput.WriteAsync("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n".AsMemory(), cancellationToken);
            await client._process.StandardInput.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // Refused so early that the tool has gone.
        }

        var output = await client._process.StandardOutput.ReadToEndAsync(cancellationToken);
        await client._process.WaitForExitAsync(cancellationToken);
        return $"{output}\n{string.Join('\n', client._errors)}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
