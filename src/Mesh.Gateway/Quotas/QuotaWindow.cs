namespace Mesh.Gateway.Quotas;

/// <summary>When a quota begins anew.</summary>
public enum QuotaWindow
{
    /// <summary>At midnight, on Monday or on the first of the month, in the quota's time zone.</summary>
    Calendar,

    /// <summary>
    /// Never at once: in any stretch of time as long as the period no more than the quota passes. Counted in parts of an hour
    /// (day), six hours (week) or a day (month), so that what was used is free again up to one part later.
    /// </summary>
    Rolling,
}
