using Mesh.Client.Endpoints;

namespace Mesh.Client.Balancing;

/// <summary>
/// Weighted round robin by gRPC's static stride scheduler (the default of its <c>weighted_round_robin</c>, A58): one
/// counter walks round after round; the heaviest endpoint is taken in each round, one of half its weight in every second.
/// </summary>
internal sealed class StaticStrideBalancer : LoadBalancer
{
    private const ulong MaxWeight = ushort.MaxValue;

    // Neighbours of equal weight are taken in different rounds.
    private const ulong Offset = MaxWeight / 2;

    // A light endpoint is reached after as many rounds as it is lighter; beyond this the search is left to chance.
    private const int MaxRounds = 64;

    private readonly Endpoint[] _endpoints;
    private readonly ushort[] _weights;
    private readonly TurnCounter _turns;

    public StaticStrideBalancer(Endpoint[] endpoints, Random random)
    {
        _endpoints = endpoints;
        var heaviest = endpoints.Max(static endpoint => endpoint.Metadata.Weight);
        _weights = [.. endpoints.Select(endpoint => (ushort)Math.Max(1, Math.Round((double)endpoint.Metadata.Weight * MaxWeight / heaviest)))];
        _turns = new TurnCounter(random);
    }

    public override int Pick(in PickContext context)
    {
        var count = (ulong)_endpoints.Length;
        for (var steps = (long)_endpoints.Length * MaxRounds; steps > 0; steps--)
        {
            var sequence = _turns.Next();
            var round = sequence / count;
            var index = sequence % count;
            ulong weight = _weights[index];
            var phase = ((weight * round) + (index * Offset)) % MaxWeight;
            if (phase >= MaxWeight - weight && context.IsUsable(_endpoints[index]))
            {
                return (int)index;
            }
        }

        return -1;
    }
}
