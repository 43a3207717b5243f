namespace Mesh.Server.LoadShedding;

/// <summary>A request that waits for its turn.</summary>
internal sealed class Waiter(long expires) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The timestamp after which its turn would come too late.</summary>
    public long Expires => expires;
}
