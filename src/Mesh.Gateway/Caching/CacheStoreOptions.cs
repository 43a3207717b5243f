using Mesh.Configuration;

namespace Mesh.Gateway.Caching;

/// <summary>How much rules with a filter <c>Cache</c> may keep, all together: section <c>Mesh:Gateway:Cache</c>.</summary>
public sealed class CacheStoreOptions
{
    /// <summary>What all kept responses may take, in bytes: 0 to 1 TiB. What is asked for least goes first.</summary>
    /// <value>Default 67,108,864 (64 MiB).</value>
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The longest body that is kept, in bytes: 0 to 1,073,741,824. Longer ones pass by.</summary>
    /// <value>Default 1,048,576 (1 MiB).</value>
    public int MaxEntryBytes { get; set; } = 1024 * 1024;

    internal static void Read(ConfigurationReader reader, CacheStoreOptions options)
    {
        options.MaxBytes = reader.LongInteger(nameof(MaxBytes)) ?? options.MaxBytes;
        options.MaxEntryBytes = reader.Integer(nameof(MaxEntryBytes)) ?? options.MaxEntryBytes;
    }
}
