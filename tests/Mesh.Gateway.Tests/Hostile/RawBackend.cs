using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Gateway.Tests.Hostile;

/// <summary>
/// A service that reads bytes and forgives nothing. Whatever arrives is kept as it is, and what is not in normal form is a
/// violation: the grammar is that of RFC 9112 without any of its allowances.
/// </summary>
internal sealed class RawBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly ConcurrentQueue<string> _violations = new();

    public RawBackend()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public IReadOnlyCollection<RawRequest> Requests => _requests;

    public IReadOnlyCollection<string> Violations => _violations;

    public void Forget()
    {
        _requests.Clear();
        _violations.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        await using var stream = new NetworkStream(socket);
        var reader = new RawReader(stream);
        try
        {
            while (await reader.ReadRequestAsync(_stop.Token) is { } request)
            {
                _requests.Enqueue(request);
                foreach (var violation in request.FindViolations())
                {
                    _violations.Enqueue(violation);
                }

                var body = request.Method == "HEAD" ? "" : request.Target;
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {request.Target.Length}\r\n\r\n{body}"), _stop.Token);
            }
        }
        catch (FormatException exception)
        {
            _violations.Enqueue(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway closes connections whose request was given up.
        }
    }
}
