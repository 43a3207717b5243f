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
        var port = FreePort();
        using var server = Start(port);
        try
        {
            var lookup = new DnsLookup([new NameServer(IPAddress.Loopback, port)], TimeSpan.FromSeconds(1), DnsFamily.PreferIPv4);
            var alias = await AskAsync(lookup, new DnsTarget("alias.test", DnsRecords.Address, 80));
            var service = await AskAsync(lookup, new DnsTarget("_https._tcp.orders.test", DnsRecords.Srv, 0));
            var many = await AskAsync(lookup, new DnsTarget("many.test", DnsRecords.Address, 80));
            var none = await AskAsync(lookup, new DnsTarget("none.test", DnsRecords.Address, 80));

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

    // It may not listen yet.
    private static async Task<DnsAnswer> AskAsync(DnsLookup lookup, DnsTarget target)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await lookup.AskAsync(target, default);
            }
            catch (DnsResponseException) when (i < 100)
            {
                await Task.Delay(50);
            }
        }
    }
}
