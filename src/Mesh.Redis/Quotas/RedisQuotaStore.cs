using System.Security.Cryptography;
using System.Text;
using Mesh.Limits;
using Mesh.Redis.RateLimits;
using StackExchange.Redis;

namespace Mesh.Redis.Quotas;

/// <summary>
/// Quotas in Redis: one key for each quota of a consumer, and one call of a script for each claim. A call has one key, so a
/// cluster needs no hash tag for it. Keys are hashes: what consumers are called is not written to the store.
/// </summary>
internal sealed class RedisQuotaStore(RedisConnection connection, string prefix) : IQuotaStore
{
    // Clocks of processes differ: what is past for one may count for another for a while.
    private static readonly TimeSpan Spare = TimeSpan.FromHours(1);
    private static readonly RedisScript ClaimScript = new("claim.lua");

    public async ValueTask<SharedQuotaAnswer> ClaimAsync(SharedQuotaClaim claim, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var database = await connection.DatabaseAsync().ConfigureAwait(false);
        RedisValue[] values =
        [
            claim.Node, claim.Window, claim.Older, claim.Limit, claim.Used, claim.Wanted, claim.Least,
            claim.Releases ? 1 : 0, (long)Math.Ceiling((claim.KeepFor + Spare).TotalMilliseconds),
        ];
        var answer = (RedisResult[])(await ClaimScript.RunAsync(database, [KeyOf(claim.Key)], values).WaitAsync(cancellationToken).ConfigureAwait(false))!;
        var older = new long[claim.Older];
        for (var i = 0; i < older.Length; i++)
        {
            older[i] = (long)answer[i + 2];
        }

        return new SharedQuotaAnswer((long)answer[0], (long)answer[1], older);
    }

    private RedisKey KeyOf(string key) => $"{prefix}quota:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16))}";
}
