using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Spiffe;

/// <summary>The address of a Workload API as the SPIFFE Workload Endpoint standard (4) writes it.</summary>
internal sealed class AgentAddress
{
    private const string Unix = "unix:";
    private const string Tcp = "tcp://";
    private readonly string _text;

    private AgentAddress(string text, EndPoint endPoint)
    {
        _text = text;
        EndPoint = endPoint;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Reads it: <c>unix:///absolute/path</c>, or <c>tcp://ip:port</c> without anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AgentAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        if (text is null || text.AsSpan().ContainsAny('?', '#'))
        {
            error = "unix:///absolute/path or tcp://address:port, without query or fragment";
            return false;
        }

        return text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase) ? TryParseUnix(text, out address, out error)
            : text.StartsWith(Tcp, StringComparison.OrdinalIgnoreCase) ? TryParseTcp(text, out address, out error)
            : Fail("an address that begins with 'unix:' or 'tcp:'", out error);
    }

    public override string ToString() => _text;

    private static bool TryParseUnix(string text, out AgentAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        var path = text[Unix.Length..];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        if (path.Length < 2 || path[0] != '/' || path[^1] == '/')
        {
            return Fail("unix:// and the absolute path of a socket, without a host: unix:///run/spire/sockets/agent.sock", out error);
        }

        try
        {
            address = new AgentAddress(text, new UnixDomainSocketEndPoint(Uri.UnescapeDataString(path)));
            error = null;
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return Fail("a path short enough for a socket, which is about 100 characters", out error);
        }
    }

    private static bool TryParseTcp(string text, out AgentAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        var authority = text.AsSpan(Tcp.Length);

        // IPEndPoint reads an address without a port too.
        if (!IPEndPoint.TryParse(authority, out var endPoint) || endPoint.Port == 0 || authority[^1] is ']' or '.')
        {
            return Fail("tcp:// with an IP address and a port: tcp://127.0.0.1:8081", out error);
        }

        address = new AgentAddress(text, endPoint);
        error = null;
        return true;
    }

    private static bool Fail(string allowed, out string error)
    {
        error = allowed;
        return false;
    }
}
