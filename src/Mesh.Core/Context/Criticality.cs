namespace Mesh;

/// <summary>
/// How much a request matters when there is too much to do: the four levels of Google's "Site Reliability Engineering",
/// chapter 21. It travels with the call tree; the lowest level is shed first.
/// </summary>
public enum Criticality
{
    /// <summary>May fail now and then: prefetching, background work that comes again.</summary>
    Sheddable = -2,

    /// <summary>May fail for minutes: batch work.</summary>
    SheddablePlus = -1,

    /// <summary>What users wait for. The default.</summary>
    Critical = 0,

    /// <summary>What must work when nothing else does: payments, health.</summary>
    CriticalPlus = 1,
}
