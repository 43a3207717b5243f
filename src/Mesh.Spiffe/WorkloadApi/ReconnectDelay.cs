namespace Mesh.Spiffe;

/// <summary>How long to wait before the agent is asked again: exponential with full jitter, so that the workloads of a node do not come back together.</summary>
internal sealed class ReconnectDelay(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private TimeSpan _bound = First;

    public TimeSpan Next()
    {
        var delay = Shortest + ((_bound - Shortest) * random.NextDouble());
        _bound = _bound * 2 < Longest ? _bound * 2 : Longest;
        return delay;
    }

    public void Reset() => _bound = First;
}
