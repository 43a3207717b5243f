using System.Net;
using System.Net.Sockets;
using Mesh.Benchmarks.Identity;

namespace Mesh.Benchmarks.EastWest;

/// <summary>An nginx as sidecar, with one process, as it may have one core of a small pod: before the client or before the server.</summary>
internal static class NginxSidecar
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Where it is installed, or <see langword="null"/>.</summary>
    public static string? Program { get; } = Array.Find(["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"], File.Exists);

    /// <summary>The one that takes plaintext from the application and speaks mutual TLS to <paramref name="target"/>.</summary>
    public static Task<(ChildProcess Process, int Port)> StartOutboundAsync(IdentityFiles files, int target) => StartAsync(
        "outbound",
        files,
        listen: "",
        server: "",
        target,
        $"""
                    proxy_pass https://next;
                    proxy_ssl_certificate {files.Leaf};
                    proxy_ssl_certificate_key {files.Key};
                    proxy_ssl_trusted_certificate {files.Anchor};
                    proxy_ssl_verify on;
                    proxy_ssl_name {BenchmarkIdentity.Host};
                    proxy_ssl_server_name on;
                    proxy_ssl_protocols TLSv1.3;
        """);

    /// <summary>The one that takes mutual TLS and speaks plaintext to the application at <paramref name="target"/>.</summary>
    public static Task<(ChildProcess Process, int Port)> StartInboundAsync(IdentityFiles files, int target) => StartAsync(
        "inbound",
        files,
        listen: " ssl",
        $"""
                ssl_certificate {files.Leaf};
                ssl_certificate_key {files.Key};
                ssl_client_certificate {files.Anchor};
                ssl_verify_client on;
                ssl_protocols TLSv1.3;
        """,
        target,
        "            proxy_pass http://next;");

    private static async Task<(ChildProcess Process, int Port)> StartAsync(string name, IdentityFiles files, string listen, string server, int target, string location)
    {
        var port = FreePort();
        var folder = Directory.CreateDirectory(Path.Combine(files.Folder, name)).FullName;
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 100000000;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                upstream next {
                    server 127.0.0.1:{{target}};
                    keepalive 128;
                    keepalive_requests 100000000;
                }
                server {
                    listen 127.0.0.1:{{port}}{{listen}};
            {{server}}
                    location / {
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
            {{location}}
                    }
                }
            }
            """);
        var process = ChildProcess.Start(Program!, "-p", folder, "-c", configuration, "-e", "stderr");
        await UntilListeningAsync(port);
        return (process, port);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task UntilListeningAsync(int port)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(50);
            }
        }
    }
}
