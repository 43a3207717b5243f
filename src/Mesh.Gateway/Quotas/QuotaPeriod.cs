namespace Mesh.Gateway.Quotas;

/// <summary>The time a quota is for.</summary>
public enum QuotaPeriod
{
    /// <summary>A day; rolling: 24 hours.</summary>
    Day,

    /// <summary>A week from Monday on; rolling: 7 times 24 hours.</summary>
    Week,

    /// <summary>A month; rolling: 30 times 24 hours.</summary>
    Month,
}
