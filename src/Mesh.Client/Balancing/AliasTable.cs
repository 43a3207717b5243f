using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Draws an index with the probability of its weight in constant time: the alias method in Vose's form ("A Linear
/// Algorithm for Generating Random Numbers with a Given Distribution", 1991).
/// </summary>
internal sealed class AliasTable
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    public AliasTable(Endpoint[] endpoints)
    {
        var count = endpoints.Length;
        _keep = new double[count];
        _alias = new int[count];
        var total = endpoints.Sum(static endpoint => (double)endpoint.Metadata.Weight);
        Stack<int> small = [], large = [];
        for (var i = 0; i < count; i++)
        {
            _keep[i] = endpoints[i].Metadata.Weight * count / total;
            (_keep[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            var poor = small.Pop();
            var rich = large.Pop();
            _alias[poor] = rich;
            _keep[rich] -= 1 - _keep[poor];
            (_keep[rich] < 1 ? small : large).Push(rich);
        }

        // What is left over is one but for rounding.
        foreach (var index in small.Concat(large))
        {
            _keep[index] = 1;
        }
    }

    /// <summary>A table for endpoints of different weights; <see langword="null"/> where all weigh the same.</summary>
    public static AliasTable? For(Endpoint[] endpoints) => EndpointWeights.AreEqual(endpoints) ? null : new AliasTable(endpoints);

    public int Draw(Random random)
    {
        var position = random.NextDouble() * _keep.Length;
        var index = (int)position;
        return position - index < _keep[index] ? index : _alias[index];
    }
}
