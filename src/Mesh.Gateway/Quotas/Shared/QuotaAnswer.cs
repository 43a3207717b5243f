namespace Mesh.Gateway.Quotas;

/// <summary>The answer of a shared quota.</summary>
internal enum QuotaAnswer
{
    /// <summary>It has room, and the cost is taken.</summary>
    Allowed,

    /// <summary>It has none.</summary>
    Refused,

    /// <summary>The store does not answer, and nothing may pass without it.</summary>
    Unavailable,
}
