namespace Mesh.Gateway.Caching;

/// <summary>Those who ask for what is being fetched for another already.</summary>
internal sealed class CacheFlight
{
    private readonly TaskCompletionSource _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets them go on: the answer is kept, or never will be.</summary>
    public void Release() => _landed.TrySetResult();

    /// <returns>Whether it has ended in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        await _landed.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _landed.Task.IsCompleted;
    }
}
