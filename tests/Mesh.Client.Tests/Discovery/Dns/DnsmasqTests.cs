using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using Mesh.Client.Discovery.Dns;

namespace Mesh.Client.Tests.Discovery.Dns;

/// <summary>The same against a name server that others wrote; skipped where <c>dnsmasq</c> is not installed.</summary>
public sealed class DnsmasqTests
{
    private const int Hosts = 400;

    [Test]
    public async Task Ask_Dnsmasq_Answers()
    {
        var (server, port) = await StartAsync();
        using var _ = server;
        try
        {
            var lookup = new DnsLookup([new NameServer(IPAddress.Loopback, port)], TimeSpan.FromSeconds(1), DnsFamily.PreferIPv4);
            var alias = await lookup.AskAsync(new DnsTarget("alias.test", DnsRecords.Address, 80), default);
            var service = await lookup.AskAsync(new DnsTarget("_https._tcp.orders.test", DnsRecords.Srv, 0), default);
            var many = await lookup.AskAsync(new DnsTarget("many.test", DnsRecords.Address, 80), default);
            var none = await lookup.AskAsync(new DnsTarget("none.test", DnsRecords.Address, 80), default);

            Assert.That(alias.Endpoints.Select(static endpoint => endpoint.Address.ToString()), Is.EqualTo(["10.0.0.1:80"]));
            Assert.That(alias.Ttl, Is.EqualTo(TimeSpan.FromSeconds(17)));
            Assert.That(
                service.Endpoints.Select(static endpoint => (endpoint.Address.ToString(), endpoint.Metadata.Priority, endpoint.Metadata.Weight)),
                Is.EqualTo([("10.0.0.1:8443", 10, 60), ("10.0.0.2:9443", 20, 5)]));
            Assert.That(many.Endpoints, Has.Length.EqualTo(Hosts), "more than fits a datagram");
            Assert.That(none.Endpoints, Is.Empty);
        }
        finally
        {
            // It forks for each connection, and DnsClient keeps those open.
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
        }
    }

    // A port that is free for datagrams now may be taken in a moment, or be somebody's for connections: it leaves then.
    private static async Task<(Process Server, int Port)> StartAsync()
    {
        for (var i = 0; ; i++)
        {
            var port = FreePort();
            var server = Start(port);
            if (await IsListeningAsync(server, port))
            {
                return (server, port);
            }

            server.Dispose();
            Assert.That(i, Is.LessThan(10), "dnsmasq does not start");
        }
    }

    private static async Task<bool> IsListeningAsync(Process server, int port)
    {
        while (!server.HasExited)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                await Task.Delay(50);
                return !server.HasExited;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }

    private static Process Start(int port)
    {
        var hosts = string.Join(' ', Enumerable.Range(0, Hosts).Select(static i => $"--host-record=many.test,10.1.{i / 200}.{(i % 200) + 1}"));
        var start = new ProcessStartInfo(
            "dnsmasq",
            $"--keep-in-foreground --log-facility=/dev/null --conf-file=/dev/null --no-resolv --no-hosts --pid-file= --user= --listen-address=127.0.0.1 --bind-interfaces --port={port} "
            + "--local=/test/ --local-ttl=17 --host-record=a.test,10.0.0.1 --host-record=b.test,10.0.0.2 --cname=alias.test,a.test "
            + $"--srv-host=_https._tcp.orders.test,a.test,8443,10,60 --srv-host=_https._tcp.orders.test,b.test,9443,20,5 {hosts}")
        {
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("dnsmasq is not installed.");
            throw;
        }
    }

    private static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }
}
