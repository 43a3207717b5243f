namespace Mesh.Gateway.Usage;

/// <summary>What a record of the journal is about. The numbers are in files.</summary>
internal enum RecordKind
{
    /// <summary>The first record of a file: its generation.</summary>
    Header = 0,

    /// <summary>What was used of a quota.</summary>
    Quota = 1,

    /// <summary>How often a route was used in a day.</summary>
    Usage = 2,
}
