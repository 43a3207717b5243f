using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Client.Tests.Fixtures;

/// <summary><c>openssl s_server</c>: a peer of another make, which demands a certificate and answers a bad one with an alert.</summary>
internal sealed class OpenSslServer : IDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private OpenSslServer(Process process, string directory, int port)
    {
        _process = process;
        _directory = directory;
        Port = port;
    }

    public int Port { get; }

    /// <param name="identity">Who it is.</param>
    /// <param name="anchor">Whose certificates it accepts.</param>
    /// <param name="arguments">Further arguments of <c>s_server</c>.</param>
    public static async Task<OpenSslServer> StartAsync(X509Identity identity, X509Certificate2 anchor, string arguments)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-openssl").FullName;
        using var key = identity.Leaf.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(Path.Combine(directory, "cert.pem"), identity.Leaf.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(directory, "ca.pem"), anchor.ExportCertificatePem());
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(
            "openssl",
            $"s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -CAfile ca.pem -Verify 2 -verify_return_error -quiet -www {arguments}")
        {
            WorkingDirectory = directory,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var server = new OpenSslServer(process, directory, port);
        await server.ListensAsync();
        return server;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ListensAsync()
    {
        for (var i = 0; i < 500 && !_process.HasExited; i++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        throw new InvalidOperationException("openssl s_server did not start.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
