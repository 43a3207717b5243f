using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Benchmarks.Gateway;

/// <summary>nginx or HAProxy with two workers, installed by apt when missing.</summary>
internal sealed class NativeProxy : ITarget, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private NativeProxy(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Id => _process.Id;

    public int Port { get; }

    public static Task<NativeProxy> StartNginxAsync(string folder, int backend)
    {
        var port = FindFreePort();
        return StartAsync(
            "nginx",
            Path.Combine(folder, "nginx.conf"),
            $$"""
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log stderr crit;
            worker_processes 2;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                keepalive_requests 1000000000;
                upstream orders { server 127.0.0.1:{{backend}}; keepalive 128; keepalive_requests 1000000000; }
                server {
                    listen 127.0.0.1:{{port}};
                    location /orders/ {
                        proxy_pass http://orders;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $host;
                        proxy_set_header X-Forwarded-For $remote_addr;
                    }
                }
            }

            """,
            port,
            static file => ["-c", file]);
    }

    public static Task<NativeProxy> StartHaproxyAsync(string folder, int backend)
    {
        var port = FindFreePort();
        return StartAsync(
            "haproxy",
            Path.Combine(folder, "haproxy.cfg"),
            $"""
            global
                nbthread 2
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
                http-reuse always
                option forwardfor
            frontend edge
                bind 127.0.0.1:{port}
                default_backend orders
            backend orders
                server one 127.0.0.1:{backend}

            """,
            port,
            static file => ["-db", "-f", file]);
    }

    public Task<double?> CountBytesAsync() => Task.FromResult<double?>(null);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<NativeProxy> StartAsync(string program, string file, string configuration, int port, Func<string, string[]> arguments)
    {
        await File.WriteAllTextAsync(file, configuration);
        if (Find(program) is not { } path)
        {
            using var install = Process.Start(new ProcessStartInfo("apt-get", ["install", "-y", program]) { RedirectStandardOutput = true })!;
            await install.StandardOutput.ReadToEndAsync();
            await install.WaitForExitAsync();
            path = Find(program) ?? throw new InvalidOperationException($"'apt-get install {program}' did not bring it.");
        }

        var process = Process.Start(new ProcessStartInfo(path, arguments(file)))!;
        await WaitAsync(program, process, port);
        return new NativeProxy(process, port);
    }

    private static async Task WaitAsync(string program, Process process, int port)
    {
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
            }
            catch (SocketException exception)
            {
                throw new InvalidOperationException($"{program} did not start.", exception);
            }
        }
    }

    private static string? Find(string program) => Array.Find(
        [$"/usr/sbin/{program}", $"/usr/bin/{program}", $"/usr/local/sbin/{program}", $"/usr/local/bin/{program}"],
        File.Exists);

    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
