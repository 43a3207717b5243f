using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.Tests.Discovery.Dns;

/// <summary>A DNS server on a loopback port, over UDP and TCP, that says what the test wants.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int HeaderLength = 12;

    private readonly CancellationTokenSource _stop = new();
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly Task[] _loops;

    public DnsServer()
    {
        (_udp, _tcp) = Listen();
        _loops = [ServeUdpAsync(), ServeTcpAsync()];
    }

    /// <summary>Answers by name in lower case and type; a name that is not there does not exist.</summary>
    public ConcurrentDictionary<(string Name, ushort Type), DnsReply> Zone { get; } = new();

    /// <summary>Every question that came, with the transport it came by.</summary>
    public ConcurrentQueue<(string Name, ushort Type, bool OverTcp, bool HasEdns)> Questions { get; } = new();

    /// <summary>Answers instead of the zone when set.</summary>
    public DnsReply? Always { get; set; }

    public string Address => $"127.0.0.1:{((IPEndPoint)_udp.Client.LocalEndPoint!).Port}";

    /// <summary>Adds A or AAAA records.</summary>
    public void Names(string name, params string[] addresses) => Names(name, 30, addresses);

    public void Names(string name, uint ttl, params string[] addresses) =>
        Answers(DnsRecord.A, name, [.. addresses.Select(address => DnsRecord.Address(name, address, ttl))]);

    public void Answers(ushort type, string name, params DnsRecord[] records) => Zone[(name, type)] = DnsReply.Of(records);

    public int AskedFor(string name) => Questions.Count(question => question.Name == name);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private static (UdpClient Udp, TcpListener Tcp) Listen()
    {
        for (var i = 0; ; i++)
        {
            var tcp = new TcpListener(IPAddress.Loopback, 0);
            tcp.Start();
            try
            {
                return (new UdpClient((IPEndPoint)tcp.LocalEndpoint), tcp);
            }
            catch (SocketException) when (i < 20)
            {
                // The same port of the other transport is somebody else's.
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync()
    {
        try
        {
            while (true)
            {
                var query = await _udp.ReceiveAsync(_stop.Token);
                _ = AnswerAsync(query);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }

        async Task AnswerAsync(UdpReceiveResult query)
        {
            try
            {
                if (await ReplyAsync(query.Buffer, overTcp: false) is { } reply)
                {
                    await _udp.SendAsync(reply, query.RemoteEndPoint, _stop.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _tcp.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }

        async Task AnswerAsync(TcpClient client)
        {
            using (client)
            {
                try
                {
                    var stream = client.GetStream();
                    var length = new byte[2];
                    while (true)
                    {
                        await stream.ReadExactlyAsync(length, _stop.Token);
                        var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                        await stream.ReadExactlyAsync(query, _stop.Token);
                        if (await ReplyAsync(query, overTcp: true) is { } reply)
                        {
                            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)reply.Length);
                            await stream.WriteAsync((byte[])[.. length, .. reply], _stop.Token);
                        }
                    }
                }
                catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException or SocketException)
                {
                }
            }
        }
    }

    private async Task<byte[]?> ReplyAsync(byte[] query, bool overTcp)
    {
        var (name, type, end) = ReadQuestion(query);
        Questions.Enqueue((name, type, overTcp, HasEdns: BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(10)) > 0));
        var reply = Always ?? Zone.GetValueOrDefault((name, type)) ?? new DnsReply
        {
            Code = Zone.Keys.Any(key => key.Name == name) ? DnsReply.NoError : DnsReply.NoSuchName,
            Authorities = [DnsRecord.Authority("test", ttl: 20, minimum: 10)],
        };
        await reply.After.WaitAsync(_stop.Token);
        if (reply.IsSilent)
        {
            return null;
        }

        var truncates = reply.IsTruncated && !overTcp;
        var bytes = new List<byte>();
        var header = new byte[HeaderLength];
        query.AsSpan(0, 2).CopyTo(header);
        header[2] = (byte)(0x85 | (truncates ? 0x02 : 0)); // an authoritative response, recursion desired
        header[3] = (byte)(0x80 | reply.Code);             // recursion available
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), 1);
        if (!truncates)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)reply.Answers.Length);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(8), (ushort)reply.Authorities.Length);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), (ushort)reply.Additionals.Length);
        }

        bytes.AddRange(header);
        if (reply.IsGarbage)
        {
            header[7] = 200; // two hundred answers that are not there
            return [.. header, .. query.AsSpan(HeaderLength, end - HeaderLength), 0xC0, 0xFF, 0xFF];
        }

        bytes.AddRange(query.AsSpan(HeaderLength, end - HeaderLength));
        if (!truncates)
        {
            foreach (var record in (IEnumerable<DnsRecord>)[.. reply.Answers, .. reply.Authorities, .. reply.Additionals])
            {
                Write(bytes, record);
            }
        }

        return [.. bytes];
    }

    private static (string Name, ushort Type, int End) ReadQuestion(byte[] query)
    {
        List<string> labels = [];
        var at = HeaderLength;
        for (; query[at] > 0; at += query[at] + 1)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        }

        return (string.Join('.', labels).ToLowerInvariant(), BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1)), at + 5);
    }

    private static void Write(List<byte> bytes, DnsRecord record)
    {
        var fixedPart = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(fixedPart.AsSpan(4), record.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart.AsSpan(8), (ushort)record.Data.Length);
        bytes.AddRange(DnsRecord.Encode(record.Name));
        bytes.AddRange(fixedPart);
        bytes.AddRange(record.Data);
    }
}
