using Mesh.Benchmarks.Authorization;
using Mesh.Benchmarks.Balancing;
using Mesh.Benchmarks.Client;
using Mesh.Benchmarks.Discovery;
using Mesh.Benchmarks.Gateway;
using Mesh.Benchmarks.EastWest;
using Mesh.Benchmarks.Identity;
using Mesh.Benchmarks.Limits;
using Mesh.Benchmarks.Overload;
using Mesh.Benchmarks.Routing;
using Mesh.Benchmarks.Server;

// dotnet run -c Release --project benchmarks/Mesh.Benchmarks -- NAME [--check]
// --check compares the figures with their budget and exits with 1 when one is missed.
var check = args.Contains("--check");
return args switch
{
    ["balance", ..] => await BalanceBenchmark.RunAsync(check),
    ["pick", ..] => PickBenchmark.Run(check),
    ["client", ..] => await ClientBenchmark.RunAsync(check),
    ["discovery", ..] => await DiscoveryBenchmark.RunAsync(check),
    ["authorization", ..] => await AuthorizationBenchmark.RunAsync(check),
    ["gateway", "role", var role, var folder, var backend] => await RoleProgram.RunAsync(role, folder, backend),
    ["gateway", ..] => await GatewayBenchmark.RunAsync(check),
    ["identity", ..] => await IdentityBenchmark.RunAsync(check),
    ["limits", ..] => await LimitsBenchmark.RunAsync(check),
    ["routes", ..] => RoutesBenchmark.Run(check),
    ["server", ..] => await ServerBenchmark.RunAsync(check),
    ["pipeline", ..] => await PipelineBenchmark.RunAsync() || !check ? 0 : 1,
    ["overload", ..] => await OverloadBenchmark.RunAsync(check),
    ["eastwest", ..] => await EastWestBenchmark.RunAsync(check),

    // What that one starts beside itself.
    [EastWestServer.Role, var kind, var folder] => await EastWestServer.RunAsync(kind, new IdentityFiles(folder)),
    [EastWestClient.Role, var kind, var port, var folder] => await EastWestClient.RunAsync(kind, int.Parse(port), new IdentityFiles(folder)),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("Usage: -- balance|pick|client|eastwest|discovery|authorization|gateway|identity|limits|routes|server|pipeline|overload [--check]");
    return 2;
}
