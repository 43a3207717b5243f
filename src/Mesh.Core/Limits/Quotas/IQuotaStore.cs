namespace Mesh.Limits;

/// <summary>Keeps quotas that several processes share. Adapters implement it.</summary>
public interface IQuotaStore
{
    /// <summary>Raises what a process has claimed of a quota, or gives the rest of it back, in one step of the store.</summary>
    /// <param name="claim">What the process has used, and how much more it wants.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked for may be claimed all the same, and the next answer says so.</param>
    /// <returns>What is claimed now. A claim that was made before its answer was lost is in it.</returns>
    /// <exception cref="Exception">The store cannot be reached, or does not answer: any exception means that.</exception>
    ValueTask<SharedQuotaAnswer> ClaimAsync(SharedQuotaClaim claim, CancellationToken cancellationToken);
}
