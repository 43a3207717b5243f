namespace Mesh.Benchmarks.Gateway;

/// <summary>A process that takes requests.</summary>
internal interface ITarget
{
    /// <summary>Its process; those it started count as well.</summary>
    int Id { get; }

    /// <summary>On the loopback address.</summary>
    int Port { get; }

    /// <summary>What it has allocated since it started; null where nobody counts.</summary>
    Task<double?> CountBytesAsync();
}
