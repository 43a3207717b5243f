using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Benchmarks.Gateway;

/// <summary>
/// Connections that each send a request when the answer to the one before has come. Over bare sockets, so that little of the
/// machine goes to it.
/// </summary>
internal static class LoadRole
{
    public const int Connections = 64;

    private const int Buffer = 8 * 1024;

    public static async Task<int> RunAsync(string folder)
    {
        var request = Encoding.ASCII.GetBytes($"GET /orders/17 HTTP/1.1\r\nHost: shop.example\r\nAccept: text/plain\r\nAuthorization: Bearer {Workshop.ReadToken(folder)}\r\n\r\n");
        Console.WriteLine(0);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            Console.WriteLine(await RunAsync(
                new IPEndPoint(IPAddress.Loopback, int.Parse(parts[0], CultureInfo.InvariantCulture)),
                request,
                TimeSpan.FromSeconds(double.Parse(parts[1], CultureInfo.InvariantCulture))));
        }

        return 0;
    }

    private static async Task<string> RunAsync(IPEndPoint gateway, byte[] request, TimeSpan length)
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            var end = started + (long)(length.TotalSeconds * Stopwatch.Frequency);
            var connections = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => ConnectAsync(gateway, request, end))));
            var elapsed = Stopwatch.GetElapsedTime(started);
            var latencies = connections.SelectMany(static latencies => latencies).Order().ToArray();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{latencies.Length} {elapsed.TotalSeconds} {Milliseconds(latencies, 0.5)} {Milliseconds(latencies, 0.99)}");
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            return $"failed: {exception.Message}".ReplaceLineEndings("|");
        }
    }

    private static async Task<List<long>> ConnectAsync(IPEndPoint gateway, byte[] request, long end)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(gateway);
        var buffer = new byte[Buffer];
        List<long> latencies = new(10_000);
        for (var sent = Stopwatch.GetTimestamp(); sent < end;)
        {
            await socket.SendAsync(request);
            await ReceiveAsync(socket, buffer);
            var received = Stopwatch.GetTimestamp();
            latencies.Add(received - sent);
            sent = received;
        }

        return latencies;
    }

    private static async ValueTask ReceiveAsync(Socket socket, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                throw new InvalidOperationException("The gateway closed the connection.");
            }

            length += read;
            if (IsWhole(buffer.AsSpan(0, length)))
            {
                return;
            }
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var header = answer.IndexOf("\r\n\r\n"u8);
        if (header < 0)
        {
            return false;
        }

        Span<char> text = stackalloc char[header];
        Encoding.ASCII.GetChars(answer[..header], text);
        const string Field = "\r\nContent-Length: ";
        var field = ((ReadOnlySpan<char>)text).IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        if (!text.StartsWith("HTTP/1.1 200 ") || field < 0)
        {
            throw new InvalidOperationException(Encoding.ASCII.GetString(answer));
        }

        var number = text[(field + Field.Length)..];
        var line = number.IndexOf('\r');
        return answer.Length - header - 4 >= int.Parse(line < 0 ? number : number[..line], CultureInfo.InvariantCulture);
    }

    private static double Milliseconds(long[] latencies, double quantile) => 1000.0 * latencies[(int)(latencies.Length * quantile)] / Stopwatch.Frequency;
}
