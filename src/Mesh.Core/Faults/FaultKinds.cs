namespace Mesh.Faults;

/// <summary>What was put into one call.</summary>
[Flags]
public enum FaultKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A delay.</summary>
    Delay = 1,

    /// <summary>A failure in place of the answer.</summary>
    Abort = 2,

    /// <summary>A slow body.</summary>
    Bandwidth = 4,
}
