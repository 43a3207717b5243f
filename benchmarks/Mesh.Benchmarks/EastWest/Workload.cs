namespace Mesh.Benchmarks.EastWest;

/// <summary>What a round asks of a client.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Method"><c>GET</c>, or <c>POST</c> with a body of <see cref="BodyBytes"/>.</param>
/// <param name="Concurrency">How many callers there are, each waiting for its answer before it asks again.</param>
/// <param name="SidecarFactor">How many times the throughput of a pair of sidecars the mesh is to carry.</param>
internal sealed record Workload(string Name, string Method, int Concurrency, double SidecarFactor)
{
    public const int BodyBytes = 10 * 1024;
    public const int AnswerBytes = 200;

    public static IReadOnlyList<Workload> All { get; } =
    [
        .. Enumerable.Select<int, Workload>([1, 16, 64], static concurrency => new("GET, 200 B", "GET", concurrency, 2)),
        .. Enumerable.Select<int, Workload>([1, 16, 64], static concurrency => new("POST, 10 KiB", "POST", concurrency, 1.5)),
    ];
}
