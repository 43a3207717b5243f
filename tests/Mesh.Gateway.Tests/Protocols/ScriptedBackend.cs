using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Gateway.Tests.Hostile;

namespace Mesh.Gateway.Tests.Protocols;

/// <summary>A service that answers each request with the bytes a test gives it.</summary>
internal sealed class ScriptedBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _answer;

    public ScriptedBackend(string answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

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
            while (await reader.ReadRequestAsync(_stop.Token) is not null)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
