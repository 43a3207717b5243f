using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>When a <see cref="CuttingServer"/> cuts the connection.</summary>
public enum Cut
{
    OnAccept,
    AfterHead,
    InBody,
    AfterBody,
    InResponseHead,
    InResponseBody,
}

/// <summary>
/// An HTTP/1.1 server that answers GET and cuts the connection at one stage of a POST; counts what it received of it.
/// </summary>
internal sealed class CuttingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Cut _cut;
    private readonly bool _reset;
    private int _heads;
    private int _requests;
    private int _connections;

    /// <param name="cut">The stage.</param>
    /// <param name="reset">Whether the cut is a RST, as of a killed process, and not a FIN.</param>
    /// <param name="cutsFirstConnection">Whether <see cref="Cut.OnAccept"/> holds already for the first connection.</param>
    public CuttingServer(Cut cut, bool reset, bool cutsFirstConnection)
    {
        _cut = cut;
        _reset = reset;
        CutsFirstConnection = cutsFirstConnection;
        _listener.Start();
        _ = AcceptAsync();
    }

    public bool CutsFirstConnection { get; }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How many whole heads of POST requests came.</summary>
    public int Heads => Volatile.Read(ref _heads);

    /// <summary>How many whole POST requests came, with their bodies.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopping.Token);
                _ = ServeAsync(socket, Interlocked.Increment(ref _connections));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        using (socket)
        {
            if (_reset)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }

            if (_cut == Cut.OnAccept && (connection > 1 || CutsFirstConnection))
            {
                return;
            }

            try
            {
                using var stream = new NetworkStream(socket, ownsSocket: false);
                while (await ServeRequestAsync(stream))
                {
                }
            }
            catch (IOException)
            {
                // The client cut it.
            }
        }
    }

    private async Task<bool> ServeRequestAsync(NetworkStream stream)
    {
        var head = await ReadHeadAsync(stream);
        if (head is null)
        {
            return false;
        }

        if (head.StartsWith("GET", StringComparison.Ordinal))
        {
            await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            return true;
        }

        Interlocked.Increment(ref _heads);
        if (_cut is Cut.AfterHead)
        {
            return false;
        }

        var length = LengthOf(head);
        var body = new byte[_cut == Cut.InBody ? length / 2 : length];
        await stream.ReadExactlyAsync(body, _stopping.Token);
        if (_cut == Cut.InBody)
        {
            return false;
        }

        Interlocked.Increment(ref _requests);
        if (_cut is Cut.InResponseHead or Cut.InResponseBody)
        {
            await WriteAsync(stream, _cut == Cut.InResponseHead ? "HTTP/1.1 200 OK\r\nContent-" : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal");
        }

        return false;
    }

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(buffer, _stopping.Token) == 0)
            {
                return null;
            }

            head.Append((char)buffer[0]);
        }

        return head.ToString();
    }

    private static int LengthOf(string head)
    {
        const string Field = "Content-Length: ";
        var start = head.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? 0 : int.Parse(head.AsSpan(start + Field.Length, head.IndexOf('\r', start) - start - Field.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stopping.Token);
}
