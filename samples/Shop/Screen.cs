using Spectre.Console;

namespace Shop;

/// <summary>Shows the state: a live table on a terminal, a line per second elsewhere.</summary>
internal sealed class Screen(LoadGenerator load, ShopProcesses shop)
{
    public bool IsInteractive { get; } = !Console.IsOutputRedirected && !Console.IsInputRedirected;

    public static void Say(string text) => Console.WriteLine(text);

    public void WriteLine(MeshView? view)
    {
        var (p50, p99) = load.Latency();
        var ejected = view?.Client.Services.SelectMany(static s => s.Endpoints).Count(static e => e.Condition != "Healthy") ?? 0;
        var retries = view?.Client.Services.Sum(static s => s.Retries) ?? 0;
        Say($"  {load.Requests,6} requests  {load.Failed,3} failed  p50 {p50,5:0.0} ms  p99 {p99,6:0.0} ms  retries {retries,4}  ejected {ejected}  attempts/call {view?.Amplification ?? 1:0.000}");
    }

    public Table Draw(MeshView? view, string status)
    {
        var table = new Table().RoundedBorder().Title("[bold]Mesh.Library shop[/]").Caption(Markup.Escape(status));
        table.AddColumns("service", "endpoint", "requests", "success", "p50", "p99", "active", "state", "peer identity");
        var (p50, p99) = load.Latency();
        var success = load.Requests == 0 ? 1 : 1 - ((double)load.Failed / load.Requests);
        table.AddRow("edge", shop.Edge.Authority, $"{load.Requests}", $"{success:P1}", $"{p50:0.0}", $"{p99:0.0}", "", "", "tokens");
        foreach (var service in view?.Client.Services ?? [])
        {
            foreach (var endpoint in service.Endpoints)
            {
                var rate = endpoint.Requests == 0 ? 1 : 1 - ((double)endpoint.Failures / endpoint.Requests);
                var state = endpoint.Condition == "Healthy" ? "[green]healthy[/]" : $"[red]{endpoint.Condition} {endpoint.EjectedForMs / 1000.0:0.0}s[/]";
                table.AddRow(service.Name, endpoint.Address, $"{endpoint.Requests}", $"{rate:P1}", $"{endpoint.P50Ms:0.0}", $"{endpoint.P99Ms:0.0}", $"{endpoint.Active}", state, endpoint.Peer ?? "-");
            }

            table.AddRow(new Markup($"[grey]{service.Name}[/]"), new Markup($"[grey]retries {service.Retries}[/]"));
        }

        return table;
    }

    public void Invite()
    {
        Say("");
        Say("Try it:");
        Say($"  TOKEN=$(curl -s -X POST '{shop.Edge}token?user=me')");
        Say($"  curl -i -H \"Authorization: Bearer $TOKEN\" {shop.Edge}api/storefront/1          # 200");
        Say($"  curl -i {shop.Edge}api/storefront/1                                            # 401: no token");
        Say($"  curl -i -H 'Authorization: Bearer nonsense' {shop.Edge}api/storefront/1        # 401: bad token");
        Say($"  seq 100 | xargs -P 10 -I@ curl -s -o /dev/null -w '%{{http_code}} ' -H \"Authorization: Bearer $TOKEN\" {shop.Edge}api/storefront/@   # 429: over the limit");
        Say($"  curl -ik https://127.0.0.1:{shop.Orders[0].Port}/orders/1                              # refused: no mesh identity");
        Say("");
    }
}
