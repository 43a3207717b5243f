using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>A real nginx in the foreground, with the files of one service beside its configuration.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private Nginx(Process process, DirectoryInfo directory, int port)
    {
        _process = process;
        _directory = directory;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Starts one.</summary>
    /// <param name="directory">Where <c>cert.pem</c>, <c>key.pem</c> and <c>ca.pem</c> are; deleted afterwards.</param>
    /// <param name="server">The contents of its <c>server</c> block for a port.</param>
    public static async Task<Nginx> StartAsync(DirectoryInfo directory, Func<int, string> server)
    {
        for (var attempt = 0; ; attempt++)
        {
            var port = FreePort();
            var nginx = new Nginx(Run(directory, server(port)), directory, port);
            if (await nginx.ListensAsync())
            {
                return nginx;
            }

            // Somebody else took the port in between.
            Assert.That(attempt, Is.LessThan(5), await nginx._process.StandardError.ReadToEndAsync());
            nginx._process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static Process Run(DirectoryInfo directory, string server)
    {
        File.WriteAllText(
            Path.Combine(directory.FullName, "nginx.conf"),
            $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr warn;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              server { {{server}} }
            }
            """);
        return Process.Start(new ProcessStartInfo(Find(), ["-p", directory.FullName, "-c", "nginx.conf", "-e", "stderr"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    // A user's path does not have it on Debian.
    private static string Find() => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    private async Task<bool> ListensAsync()
    {
        for (var i = 0; i < 1000 && !_process.HasExited; i++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(10);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
