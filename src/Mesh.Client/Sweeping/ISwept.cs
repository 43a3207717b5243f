namespace Mesh.Client.Sweeping;

/// <summary>Something that happens at intervals, on the control plane.</summary>
internal interface ISwept
{
    /// <summary>Does what is due. Called by one thread at a time; must not block.</summary>
    /// <param name="now">The moment, as a timestamp.</param>
    /// <returns>When to come again, as a timestamp.</returns>
    long Sweep(long now);
}
