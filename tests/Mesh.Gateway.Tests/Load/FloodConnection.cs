using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Gateway.Tests.Load;

/// <summary>A connection of somebody who means harm: it writes what it likes and counts until it is stopped.</summary>
internal sealed class FloodConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Bytes of frames that ask for a header: GET, http, "/", some host.</summary>
    // RFC 7541: indexed fields 2, 6 and 4, and ":authority" as a literal that is not indexed.
    public static byte[] Header { get; } = [0x82, 0x86, 0x84, 0x01, 0x01, (byte)'a'];

    public bool HasEnded { get; private set; }

    /// <summary>What came back, as far as it was read.</summary>
    public List<byte> Received { get; } = [];

    public static async Task<FloodConnection> ConnectAsync(Uri address)
    {
        var connection = new FloodConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, address.Port);
        return connection;
    }

    /// <summary>Begins HTTP/2.</summary>
    public Task GreetAsync() => WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])]);

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Writes, unless the other side has had enough.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length && !HasEnded;)
            {
                sent += await _socket.SendAsync(bytes[sent..]);
            }
        }
        catch (SocketException)
        {
            HasEnded = true;
        }
    }

    /// <summary>Writes until nothing has been taken for a while; returns how much was.</summary>
    public async Task<long> WriteUntilStuckAsync(ReadOnlyMemory<byte> bytes, long limit)
    {
        var written = 0L;
        while (written < limit && !HasEnded)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                written += await _socket.SendAsync(bytes, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return written;
            }
            catch (SocketException)
            {
                HasEnded = true;
            }
        }

        return written;
    }

    /// <summary>Reads until the other side has closed the connection.</summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        using var enough = new CancellationTokenSource(patience);
        var buffer = new byte[16 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, enough.Token) is > 0 and var read)
            {
                Received.AddRange(buffer.AsSpan(0, read));
            }

            HasEnded = true;
        }
        catch (SocketException)
        {
            HasEnded = true;
        }
        catch (OperationCanceledException)
        {
            // Still open.
        }
    }

    /// <summary>The code of the last GOAWAY frame, or <see langword="null"/>.</summary>
    public int? FindGoAway()
    {
        int? code = null;
        var bytes = Received.ToArray().AsSpan();
        while (bytes.Length >= 9)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes) >>> 8;
            if (bytes.Length < 9 + length)
            {
                break;
            }

            code = bytes[3] == 7 ? BinaryPrimitives.ReadInt32BigEndian(bytes[13..]) : code;
            bytes = bytes[(9 + length)..];
        }

        return code;
    }

    public void Dispose() => _socket.Dispose();
}
