using Mesh.Benchmarks.Authorization;
using Mesh.Benchmarks.Client;
using Mesh.Benchmarks.Discovery;
using Mesh.Benchmarks.Overload;

// dotnet run -c Release --project benchmarks/Mesh.Benchmarks -- NAME [--check]
// --check compares the figures with their budget and exits with 1 when one is missed.
var check = args.Contains("--check");
return args switch
{
    ["client", ..] => await ClientBenchmark.RunAsync(check),
    ["discovery", ..] => await DiscoveryBenchmark.RunAsync(check),
    ["authorization", ..] => await AuthorizationBenchmark.RunAsync(check),
    ["overload", ..] => await OverloadBenchmark.RunAsync(check),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("Usage: -- client|discovery|authorization|overload [--check]");
    return 2;
}
