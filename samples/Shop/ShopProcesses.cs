using System.Net;
using System.Net.Sockets;

namespace Shop;

/// <summary>The whole shop: a gateway, a storefront, three replicas of orders and a canary, two of catalog, a token issuer.</summary>
internal sealed class ShopProcesses : IDisposable
{
    private readonly string _runDirectory = Directory.CreateTempSubdirectory("mesh-shop-").FullName;
    private readonly List<Replica> _all = [];
    private readonly HashSet<int> _taken = [];

    /// <param name="withGatewaySample">Whether samples/Gateway is one of its processes; otherwise it can be started beside it.</param>
    public ShopProcesses(bool withGatewaySample)
    {
        var tokensPlain = FreePort(5400);
        var tokens = Add("tokens", "Shop.Tokens", 5401, port => new()
        {
            ["Urls"] = $"https://127.0.0.1:{port};http://127.0.0.1:{tokensPlain}",
        });
        Orders = [.. Enumerable.Range(1, 3).Select(n => Add($"orders-{n}", "Shop.Orders", 5200 + n, Https))];
        Canary = Add("orders-v2-1", "Shop.Orders", 5211, port => new(Https(port)) { ["Version"] = "v2" });
        Catalog = [.. Enumerable.Range(1, 2).Select(n => Add($"catalog-{n}", "Shop.Catalog", 5300 + n, Https))];
        Storefront = Add("storefront", "Shop.Storefront", 5101, port => new(Https(port).Concat(Addresses())));
        Gateway = Add("gateway", "Shop.Gateway", 8080, port => new()
        {
            ["Urls"] = $"http://127.0.0.1:{port}",
            ["Services:storefront:https:0"] = $"127.0.0.1:{Storefront.Port}",
            ["Services:tokens:https:0"] = $"127.0.0.1:{tokens.Port}",
            ["Mesh:Server:Authentication:Jwt:0:JwksUri"] = $"http://127.0.0.1:{tokensPlain}/jwks",
        });
        if (withGatewaySample)
        {
            GatewaySample = Add("gateway-sample", "Gateway", 8090, port => new()
            {
                ["Urls"] = $"http://127.0.0.1:{port}",
                ["Services:storefront:https:0"] = $"127.0.0.1:{Storefront.Port}",
                ["Services:tokens:https:0"] = $"127.0.0.1:{tokens.Port}",
                ["Mesh:Server:Authentication:Jwt:0:JwksUri"] = $"http://127.0.0.1:{tokensPlain}/jwks",
            });
        }
    }

    public IReadOnlyList<Replica> Orders { get; }

    public IReadOnlyList<Replica> Catalog { get; }

    public Replica Canary { get; }

    public Replica Storefront { get; }

    public Replica Gateway { get; }

    /// <summary>samples/Gateway, if it is one of them.</summary>
    public Replica? GatewaySample { get; }

    /// <summary>Whether the logs are of no interest to anybody; set at a good end.</summary>
    public bool EndedWell { get; set; }

    public Uri Edge => new($"http://127.0.0.1:{Gateway.Port}/");

    /// <summary>Where the services behind the storefront are, as configuration.</summary>
    public Dictionary<string, string> Addresses()
    {
        var settings = new Dictionary<string, string> { ["Services:orders-v2:https:0"] = $"127.0.0.1:{Canary.Port}" };
        foreach (var (index, replica) in Orders.Index())
        {
            settings[$"Services:orders:https:{index}"] = $"127.0.0.1:{replica.Port}";
        }

        foreach (var (index, replica) in Catalog.Index())
        {
            settings[$"Services:catalog:https:{index}"] = $"127.0.0.1:{replica.Port}";
        }

        return settings;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var replica in _all)
        {
            replica.Start();
        }

        await Task.WhenAll(_all.Select(replica => replica.WaitUntilReadyAsync(cancellationToken)));
    }

    public void Dispose()
    {
        foreach (var replica in _all)
        {
            replica.Dispose();
        }

        if (EndedWell)
        {
            Directory.Delete(_runDirectory, recursive: true);
        }
        else
        {
            Screen.Say($"The logs of every process are in {_runDirectory}.");
        }
    }

    private static Dictionary<string, string> Https(int port) => new() { ["Urls"] = $"https://127.0.0.1:{port}" };

    private Replica Add(string name, string project, int preferredPort, Func<int, Dictionary<string, string>> settings)
    {
        var port = FreePort(preferredPort);
        var replica = new Replica(name, project, port, _runDirectory, settings(port));
        _all.Add(replica);
        return replica;
    }

    /// <summary>The port that appsettings.json names, or any free one where somebody has it.</summary>
    private int FreePort(int preferred)
    {
        foreach (var candidate in new[] { preferred, 0, 0, 0 })
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, candidate);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                if (_taken.Add(port))
                {
                    return port;
                }
            }
            catch (SocketException)
            {
                // Somebody has it: take any.
            }
        }

        throw new InvalidOperationException("No free port was found on 127.0.0.1.");
    }
}
