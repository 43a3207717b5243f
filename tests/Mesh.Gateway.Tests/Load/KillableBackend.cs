using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Gateway.Tests.Hostile;

namespace Mesh.Gateway.Tests.Load;

/// <summary>A service whose process can die: all connections are reset at once, in the middle of what they carry.</summary>
internal sealed class KillableBackend : IDisposable
{
    public const int Pieces = 20;
    public const int PieceSize = 4096;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private int _underWay;

    public KillableBackend()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Responses whose header is sent, and not yet the half of their body.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>At once: what is under way is broken off before this returns.</summary>
    public void Kill()
    {
        _listener.Stop();
        _stop.Cancel();
    }

    public void Dispose()
    {
        Kill();
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
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var reader = new RawReader(stream);
        try
        {
            while (await reader.ReadRequestAsync(_stop.Token) is { } request)
            {
                await AnswerAsync(stream, chunked: request.Target == "/chunked");
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Killed. Nobody closes the connection politely.
            socket.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task AnswerAsync(NetworkStream stream, bool chunked)
    {
        var piece = new string('x', PieceSize);
        var framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Pieces * PieceSize}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n"), _stop.Token);
        Interlocked.Increment(ref _underWay);
        for (var i = 0; i < Pieces; i++)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(chunked ? $"{PieceSize:x}\r\n{piece}\r\n" : piece), _stop.Token);
            await Task.Delay(5, _stop.Token);
            if (i == Pieces / 2)
            {
                Interlocked.Decrement(ref _underWay);
            }
        }

        if (chunked)
        {
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _stop.Token);
        }
    }
}
