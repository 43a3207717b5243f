using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Gateway.Tests.Hostile.Http2;

/// <summary>A connection that writes what it is told and reads what became of each stream.</summary>
internal sealed class Http2Connection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly Dictionary<int, StringBuilder> _answers = [];
    private readonly SortedDictionary<int, string> _outcomes = [];

    private Http2Connection(Stream stream)
    {
        _stream = stream;
    }

    /// <summary>Whether the other side has closed it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The code of its GOAWAY, if it sent one.</summary>
    public int? GoAway { get; private set; }

    /// <summary>What became of the streams that have ended, by number: <c>200/x</c> (status and, for 200, body), or <c>reset 1</c>.</summary>
    public IReadOnlyDictionary<int, string> Outcomes => _outcomes;

    /// <summary>Connects, with ALPN where it is over TLS, and greets.</summary>
    /// <param name="address">Of the gateway.</param>
    /// <param name="settings">Frames to begin with, in place of empty settings.</param>
    public static async Task<Http2Connection> ConnectAsync(Uri address, byte[]? settings = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (address.Scheme == "https")
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "shop.example",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
            stream = tls;
        }

        var connection = new Http2Connection(stream);

        // Without a table the responses are literal, and there is nothing to keep.
        await connection.WriteAsync((byte[])[.. Http2Frames.Preface, .. settings ?? Http2Frames.Settings((1, 0))]);
        return connection;
    }

    /// <summary>Writes, unless the other side has had enough.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // What it had to say may still be there to be read.
        }
    }

    /// <summary>Reads until a condition holds, the connection ends or time is up.</summary>
    public async Task ReadUntilAsync(Func<Http2Connection, bool> holds, TimeSpan patience)
    {
        using var enough = new CancellationTokenSource(patience);
        var header = new byte[9];
        try
        {
            while (!HasEnded && !holds(this))
            {
                await _stream.ReadExactlyAsync(header, enough.Token);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >>> 8];
                await _stream.ReadExactlyAsync(payload, enough.Token);
                await TakeAsync(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
            }
        }
        catch (IOException)
        {
            HasEnded = true;
        }
        catch (OperationCanceledException)
        {
            // What there is shows what is missing.
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task TakeAsync(byte type, byte flags, int stream, byte[] payload)
    {
        switch (type)
        {
            case 0:
                AnswerOf(stream).Append(AnswerOf(stream).ToString().StartsWith("200", StringComparison.Ordinal) ? Encoding.Latin1.GetString(payload) : "");
                break;
            case 1:
                AnswerOf(stream).Append(StatusOf(payload));
                break;
            case 3:
                _outcomes.TryAdd(stream, $"reset {BinaryPrimitives.ReadInt32BigEndian(payload)}");
                break;
            case 4 when (flags & 1) == 0:
                await WriteAsync(Http2Frames.Frame(4, 1, 0, []));
                break;
            case 7:
                GoAway = BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4));
                break;
            default:
                break;
        }

        if (type is 0 or 1 && (flags & Http2Frames.EndStream) != 0)
        {
            _outcomes.TryAdd(stream, AnswerOf(stream).ToString());
        }
    }

    private StringBuilder AnswerOf(int stream) => _answers.TryGetValue(stream, out var answer) ? answer : _answers[stream] = new StringBuilder();

    // The first field of a block, behind changes of the table's size: indexed (RFC 7541, appendix A) or with the name of one that is.
    private static string StatusOf(byte[] block)
    {
        var at = 0;
        while ((block[at] & 0xe0) == 0x20)
        {
            at++;
        }

        return block[at] is >= 0x88 and <= 0x8e
            ? ((int[])[200, 204, 206, 304, 400, 404, 500])[block[at] - 0x88].ToString(CultureInfo.InvariantCulture)
            : Encoding.ASCII.GetString(block, at + 2, block[at + 1]);
    }
}
