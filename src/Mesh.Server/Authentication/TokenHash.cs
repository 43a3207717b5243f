using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mesh.Server.Authentication;

/// <summary>SHA-256 of a token: what a cache may keep of a secret.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public static TokenHash Of(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(token.AsSpan()), hash);
        return MemoryMarshal.Read<TokenHash>(hash);
    }

    // The bits of a cryptographic hash are as good as random.
    public override int GetHashCode() => (int)A;
}
