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

        else if (ConnectionFile is not null && !File.Exists(ConnectionFile))
        {
            errors.Add($"{path}:{nameof(ConnectionFile)}", ConnectionFile, "the path of a file with a connection string");
        }
        else if (!CanParse())
        {
            var name = Connection is null ? nameof(ConnectionFile) : nameof(Connection);
            errors.Add($"{path}:{name}", "this is no connection string of StackExchange.Redis. It is not shown, because it may hold a password.");
        }

        if (Prefix.Length > MaxPrefix)
        {
            errors.Add($"{path}:{nameof(Prefix)}", Prefix, $"up to {MaxPrefix} characters");
        }
    }

    internal ConfigurationOptions Parse() => ConfigurationOptions.Parse(Connection ?? File.ReadAllText(ConnectionFile!).TrimEnd('\r', '\n'));

    private bool CanParse()
    {
        try
        {
            return Parse().EndPoints.Count > 0;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
