using Mesh.Identity;

namespace Mesh.Client.Balancing;

/// <summary>What compiling a <see cref="BalancingPolicy"/> needs beside the options. The same at every reload.</summary>
/// <param name="Service">Where this process is.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">The source of chance.</param>
/// <param name="Catalog">The policies there are.</param>
internal sealed record BalancingContext(MeshServiceOptions Service, TimeProvider Time, Random Random, PolicyCatalog Catalog)
{
    public long SubsetSeed { get; } = Random.NextInt64();
}
