using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>A TLS server without any mesh, which presents the chain that the server name of a connection asks for: <c>case-7</c>.</summary>
internal sealed class PlainTlsServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public PlainTlsServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var owned = client;
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(static (_, hello, _, _) => ValueTask.FromResult(Options(hello)), null, _stop.Token);
            using var reader = new StreamReader(tls);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            {
            }

            await tls.WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
        {
            // The client refused: its tests look at what it says.
        }
    }

    private static SslServerAuthenticationOptions Options(SslClientHelloInfo hello) => new()
    {
        ServerCertificateContext = HandshakeCorpus.Presenters[int.Parse(hello.ServerName["case-".Length..], null)].Context!,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };
}
