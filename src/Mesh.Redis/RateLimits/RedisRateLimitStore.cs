using System.Security.Cryptography;
using System.Text;
using Mesh.Limits;
using StackExchange.Redis;

namespace Mesh.Redis.RateLimits;

/// <summary>
/// Rate limits in Redis: one call of a script for each request, whatever the number of its limits, and by the clock of the
/// server. Keys are hashes: what callers are called is not written to the store.
/// </summary>
internal sealed class RedisRateLimitStore(RedisConnection connection, string prefix) : IRateLimitStore
{
    private const int Arguments = 8;
    private const int Answers = 6;
    private const double MicrosecondsPerTick = 0.1;

    private static readonly RedisScript ChargeScript = new("charge.lua");
    private static readonly RedisScript RefundScript = new("refund.lua");

    public async ValueTask<IReadOnlyList<SharedRateLimitResult>> ChargeAsync(IReadOnlyList<SharedRateLimitCharge> charges, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(charges);
        var database = await connection.DatabaseAsync().ConfigureAwait(false);
        var values = new RedisValue[charges.Count * Arguments];
        for (var i = 0; i < charges.Count; i++)
        {
            Write(charges[i], values.AsSpan(i * Arguments, Arguments));
        }

        var answer = (RedisResult[])(await ChargeScript.RunAsync(database, KeysOf(charges), values).WaitAsync(cancellationToken).ConfigureAwait(false))!;
        var results = new SharedRateLimitResult[charges.Count];
        var allowed = (long)answer[0] == 1;
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = Read(answer.AsSpan(1 + (i * Answers), Answers), allowed);
        }

        return results;
    }

    public async ValueTask RefundAsync(IReadOnlyList<SharedRateLimitCharge> charges, IReadOnlyList<SharedRateLimitResult> results)
    {
        ArgumentNullException.ThrowIfNull(charges);
        ArgumentNullException.ThrowIfNull(results);
        var database = await connection.DatabaseAsync().ConfigureAwait(false);
        var values = new List<RedisValue>();
        for (var i = 0; i < charges.Count; i++)
        {
            var (algorithm, pace, _) = NumbersOf(charges[i].Limit);
            values.AddRange([algorithm, pace, charges[i].Cost, results[i].At]);
        }

        await RefundScript.RunAsync(database, KeysOf(charges), [.. values]).ConfigureAwait(false);
    }

    private static void Write(SharedRateLimitCharge charge, Span<RedisValue> values)
    {
        var limit = charge.Limit;
        var (algorithm, pace, most) = NumbersOf(limit);
        values[0] = algorithm;
        values[1] = pace;
        values[2] = most;
        values[3] = charge.Cost;
        values[4] = charge.Ahead;
        values[5] = SharedRateLimitOptions.AllowanceOf(limit);
        values[6] = (limit.Shared?.LeaseTime ?? TimeSpan.FromSeconds(1)).Ticks * MicrosecondsPerTick;
        values[7] = (long)Math.Ceiling(limit.Window.TotalMilliseconds * 2);
    }

    private static (string Algorithm, double Pace, double Most) NumbersOf(RateLimitOptions limit)
    {
        var window = limit.Window.Ticks * MicrosecondsPerTick;
        return limit.Algorithm == RateLimitAlgorithm.SlidingWindow
            ? ("s", window / 2, limit.Limit)
            : ("g", window / limit.Limit, window / limit.Limit * (limit.Burst ?? limit.Limit));
    }

    private static SharedRateLimitResult Read(ReadOnlySpan<RedisResult> answer, bool wasTaken)
    {
        var result = new RateLimitResult((long)answer[0] == 1, (int)(long)answer[1], FromMicroseconds((long)answer[2]), FromMicroseconds((long)answer[3]));
        return new SharedRateLimitResult(result, wasTaken ? (int)(long)answer[4] : 0, (double)answer[5]);
    }

    private static TimeSpan FromMicroseconds(long microseconds) => TimeSpan.FromMicroseconds(microseconds);

    private RedisKey[] KeysOf(IReadOnlyList<SharedRateLimitCharge> charges)
    {
        var keys = new RedisKey[charges.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var limit = charges[i].Limit;
            var text = $"{limit.Name}\n{limit.Algorithm}\n{limit.Partition}\n{limit.Header ?? limit.Claim}\n{charges[i].Key}";
            keys[i] = $"{prefix}limit:{limit.Name}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16))}";
        }

        return keys;
    }
}
