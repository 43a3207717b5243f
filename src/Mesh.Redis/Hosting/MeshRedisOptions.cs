using Mesh.Configuration;
using StackExchange.Redis;

namespace Mesh.Redis;

/// <summary>Where the store is: section <c>Mesh:Redis</c>.</summary>
public sealed class MeshRedisOptions
{
    private const int MaxPrefix = 64;

    /// <summary>The connection string of StackExchange.Redis, such as <c>redis-1:6379,redis-2:6379,ssl=true</c>.</summary>
    /// <value>Required, unless <see cref="ConnectionFile"/> is given or the application registers an <see cref="IConnectionMultiplexer"/>.</value>
    public string? Connection { get; set; }

    /// <summary>A file with the connection string, for one that has a password; a line break at its end does not count.</summary>
    public string? ConnectionFile { get; set; }

    /// <summary>What the names of the keys begin with. A cluster needs a hash tag, so that the limits of a request are in one slot: <c>{mesh}:</c>.</summary>
    /// <value>Default <c>mesh:</c>.</value>
    public string Prefix { get; set; } = "mesh:";

    internal static void Read(ConfigurationReader reader, MeshRedisOptions options)
    {
        options.Connection = reader.Text(nameof(Connection)) ?? options.Connection;
        options.ConnectionFile = reader.Text(nameof(ConnectionFile)) ?? options.ConnectionFile;
        options.Prefix = reader.Text(nameof(Prefix)) ?? options.Prefix;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (Connection is null == ConnectionFile is null)
        {
            errors.Add(path, $"either {nameof(Connection)} or {nameof(ConnectionFile)} is required, and not both.");
        }

        if (Prefix.Length > MaxPrefix)
        {
            errors.Add($"{path}:{nameof(Prefix)}", Prefix, $"up to {MaxPrefix} characters");
        }
    }
}
