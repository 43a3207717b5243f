using Mesh.Client.Endpoints;

namespace Mesh.Client.HealthChecks;

/// <summary>The endpoints that one sweep has found due, handed out one by one.</summary>
internal sealed class CheckRound(IReadOnlyList<Endpoint> due)
{
    public static readonly CheckRound Empty = new([]);

    private int _next = -1;

    /// <summary>How many nobody has taken yet.</summary>
    public int Left => Math.Max(0, due.Count - (Volatile.Read(ref _next) + 1));

    public Endpoint? Take()
    {
        if (Left == 0)
        {
            return null;
        }

        var index = Interlocked.Increment(ref _next);
        return index < due.Count ? due[index] : null;
    }
}
