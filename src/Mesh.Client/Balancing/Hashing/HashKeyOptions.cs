using Mesh.Configuration;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>One part of what requests stick to an endpoint by: an entry of <c>HashKeys</c>.</summary>
public sealed class HashKeyOptions
{
    /// <summary>Where the part is found.</summary>
    /// <value>Default <see cref="HashKeySource.Key"/>.</value>
    public HashKeySource Source { get; set; }

    /// <summary>The name of the header, cookie or parameter; required for these, meaningless for others.</summary>
    public string? Name { get; set; }

    /// <summary>Whether the entries that follow are left out once there is a hash.</summary>
    /// <value>Default <see langword="false"/>: all parts that are there count.</value>
    public bool Terminal { get; set; }

    internal static void Read(ConfigurationReader reader, HashKeyOptions options)
    {
        options.Source = reader.OneOf<HashKeySource>(nameof(Source)) ?? options.Source;
        options.Name = reader.Text(nameof(Name)) ?? options.Name;
        options.Terminal = reader.Boolean(nameof(Terminal)) ?? options.Terminal;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        var isNamed = Source is HashKeySource.Header or HashKeySource.Cookie or HashKeySource.Query;
        if (isNamed == string.IsNullOrEmpty(Name))
        {
            errors.Add($"{path}:{nameof(Name)}", Name, isNamed ? $"the name of a {Source}" : $"nothing, because a {Source} has no name");
        }
    }
}
