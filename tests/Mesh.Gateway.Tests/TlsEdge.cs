using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Gateway.Tests;

/// <summary>A gateway that ends TLS at one of its ports, with certificates in files of their own.</summary>
internal sealed class TlsEdge : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-edge-");

    private TlsEdge()
    {
    }

    /// <summary>The gateway; its last address is that with TLS.</summary>
    public Edge Edge { get; private set; } = null!;

    /// <summary>Starts a gateway with the certificate <c>shop</c> for everybody.</summary>
    public static Task<TlsEdge> StartAsync(string routes, string gateway, params (string Name, string Address)[] services) => StartAsync(
        routes,
        gateway,
        static files => $$""" "Tls": { "Certificates": [ { "Hostnames": [ "shop.example" ], {{files.Write("shop", "shop.example")}} } ] } """,
        services);

    /// <summary>Starts a gateway with the members of <c>Mesh:Server</c> that <paramref name="server"/> gives.</summary>
    public static async Task<TlsEdge> StartAsync(string routes, string gateway, Func<TlsEdge, string> server, params (string Name, string Address)[] services)
    {
        var edge = new TlsEdge();
        edge.Edge = await Edge.StartWithAsync(
            static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseMeshTls();
            })),
            routes,
            gateway,
            $$""" "Server": { {{server(edge)}} }, """,
            services);
        return edge;
    }

    /// <summary>Writes a certificate for names and its key, over those of the same file name.</summary>
    /// <returns>The members that name the files.</returns>
    public string Write(string file, params string[] names)
    {
        var subject = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            subject.AddDnsName(name);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={file}-{Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(subject.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        File.WriteAllText(PathOf($"{file}.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf($"{file}.pem"), certificate.ExportCertificatePem());
        return $$""" "Certificate": "{{PathOf($"{file}.pem")}}", "Key": "{{PathOf($"{file}.key")}}" """;
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    /// <summary>Opens a connection for a host name.</summary>
    public async Task<SslStream> ConnectAsync(string serverName, Action<SslClientAuthenticationOptions>? configure = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, Edge.LastAddress.Port);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions { TargetHost = serverName, RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        configure?.Invoke(options);
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one request over TLS and reads the whole answer.</summary>
    public async Task<string> GetAsync(string target, string host = "shop.example", params string[] headers)
    {
        await using var tls = await ConnectAsync(host);
        return await GetAsync(tls, target, host, [.. headers, "Connection: close"]);
    }

    /// <summary>Sends one request over a connection that is there, and reads until it ends.</summary>
    public static async Task<string> GetAsync(SslStream tls, string target, string host, params string[] headers)
    {
        await tls.WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: {host}\r\n{string.Concat(headers.Select(static header => $"{header}\r\n"))}\r\n"));
        using var reader = new StreamReader(tls, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
