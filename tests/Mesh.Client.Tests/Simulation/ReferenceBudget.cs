namespace Mesh.Client.Tests.Simulation;

/// <summary>Finagle's retry budget as a list of what happened: slow and obvious.</summary>
internal sealed class ReferenceBudget(double ratio, double minPerSecond, TimeSpan ttl)
{
    private const int Slices = 10;

    private readonly Queue<long> _deposits = new();
    private readonly Queue<long> _withdrawals = new();
    private readonly long _slice = ttl.Ticks / Slices;

    public void Deposit(long now) => _deposits.Enqueue(now / _slice);

    public bool TryWithdraw(long now)
    {
        Forget(_deposits, now);
        Forget(_withdrawals, now);

        // Worth of a retry: one. Worth of a call: the ratio. The reserve: what the minimum gives in one time-to-live.
        var balance = (minPerSecond * ttl.TotalSeconds) + (ratio * _deposits.Count) - _withdrawals.Count;
        if (balance < 1 - 1e-9)
        {
            return false;
        }

        _withdrawals.Enqueue(now / _slice);
        return true;
    }

    private void Forget(Queue<long> slices, long now)
    {
        while (slices.TryPeek(out var slice) && slice <= (now / _slice) - Slices)
        {
            slices.Dequeue();
        }
    }
}
