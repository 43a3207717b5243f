using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Caching;

/// <summary>Something kept under a key: a response, or what is known about the responses of a resource. Immutable.</summary>
/// <param name="Key">Where it is found.</param>
/// <param name="Target">Host and path of the resource, without its query.</param>
/// <param name="Requested">When its request was sent: what has changed since makes it invalid.</param>
internal sealed record CacheEntry(string Key, string Target, DateTimeOffset Requested)
{
    // What the objects around the bytes take, by and large.
    private const int Overhead = 400;

    /// <summary>The fields that choose among the responses of the resource, lower case; the responses are elsewhere. Empty for a response.</summary>
    public string[] Varies { get; init; } = [];

    /// <summary>Whether all it says is that nothing of this resource was fit to be kept, so that nobody waits for another's answer.</summary>
    public bool IsPass { get; init; }

    public int Status { get; init; }

    public KeyValuePair<string, StringValues>[] Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    public Freshness Freshness { get; init; }

    /// <summary>What it is compared with; <see langword="null"/> without.</summary>
    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    public bool HasValidator => ETag is not null || LastModified is not null;

    /// <summary>What it takes, in bytes.</summary>
    public long Size
    {
        get
        {
            var characters = Key.Length + Target.Length;
            foreach (var (name, values) in Headers)
            {
                characters += name.Length + values.ToString().Length;
            }

            return Overhead + Body.LongLength + (2L * characters) + (64L * Headers.Length);
        }
    }
}
