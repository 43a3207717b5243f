namespace Mesh.Client.Timeouts;

/// <summary>
/// Whether the mesh has lifted <see cref="HttpClient.Timeout"/> from clients of one name. It then owes a bound to those
/// of their calls that leave the mesh.
/// </summary>
internal sealed class LiftedTimeout
{
    /// <summary>What <see cref="HttpClient"/> has when nobody set another.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(100);

    private volatile bool _isLifted;

    public bool IsLifted => _isLifted;

    public void Lift(HttpClient client)
    {
        client.Timeout = Timeout.InfiniteTimeSpan;
        _isLifted = true;
    }
}
