using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.Identity;

namespace Mesh.Server.Tests.Hosting;

/// <summary>One TLS connection that a test holds in its hands: nothing reconnects or retries.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _socket = new();

    private RawConnection()
    {
    }

    public SslStream Stream { get; private set; } = null!;

    public static async Task<RawConnection> OpenAsync(Uri address, X509Identity? caller, Action<SslClientAuthenticationOptions>? configure = null)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, address.Port);
        connection.Stream = new SslStream(connection._socket.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "orders",
            ClientCertificateContext = caller?.CertificateContext,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        };
        configure?.Invoke(options);
        await connection.Stream.AuthenticateAsClientAsync(options);
        return connection;
    }

    /// <summary>Sends a request and returns what one read yields.</summary>
    public async Task<string> GetAsync(string path)
    {
        await Stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: orders\r\n\r\n"));
        var buffer = new byte[16 * 1024];
        var length = await Stream.ReadAsync(buffer);
        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    /// <summary>What still comes until the other side closes; a reset is an end too.</summary>
    public async Task<string> ReadToEndAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await Stream.ReadAsync(buffer, timeout.Token) is var length and > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }
        }
        catch (IOException)
        {
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _socket.Dispose();
    }
}
