using System.Numerics;

namespace Mesh.Client.Balancing.Hashing;

/// <summary>
/// The hash of what a request sticks to, combined from its parts as in gRPC's A42: rotated left by one bit, then XOR; a
/// terminal part ends it. A part is hashed with XXH64.
/// </summary>
internal sealed class RequestHash(IReadOnlyList<HashKeyOptions> keys)
{
    private readonly HashKey[] _keys = [.. keys.Select(static key => new HashKey(key.Source, key.Name ?? "", key.Terminal))];

    /// <summary>The hash, or <see langword="null"/> when the request carries none of the parts.</summary>
    public ulong? Of(HttpRequestMessage request)
    {
        ulong? hash = null;
        foreach (var key in _keys)
        {
            if (key.Of(request) is { } part)
            {
                hash = hash is { } before ? BitOperations.RotateLeft(before, 1) ^ part : part;
            }

            if (key.Terminal && hash is not null)
            {
                break;
            }
        }

        return hash;
    }
}
