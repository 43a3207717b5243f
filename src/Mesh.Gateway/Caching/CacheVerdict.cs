namespace Mesh.Gateway.Caching;

/// <summary>What happens to the answer of a service.</summary>
internal enum CacheVerdict
{
    /// <summary>It passes by.</summary>
    Pass,

    /// <summary>It passes, and is kept.</summary>
    Keep,

    /// <summary>The caller gets the one that is kept.</summary>
    Replace,
}
