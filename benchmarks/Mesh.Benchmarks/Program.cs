using Mesh.Benchmarks.Client;

// dotnet run -c Release --project benchmarks/Mesh.Benchmarks -- NAME [--check]
// --check compares the figures with their budget and exits with 1 when one is missed.
var check = args.Contains("--check");
return args is ["client", ..]
    ? await ClientBenchmark.RunAsync(check)
    : Usage();

static int Usage()
{
    Console.WriteLine("Usage: -- client [--check]");
    return 2;
}
