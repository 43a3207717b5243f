using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using Mesh.Configuration;

namespace Mesh.Client.Retry;

/// <summary>Reads the conditions of <see cref="RetryOptions.On"/>. The words are those of Envoy's and Istio's <c>retryOn</c>.</summary>
internal static class RetryConditionParser
{
    private const string Allowed =
        "a status ('503'), a range ('500-599', '5xx'), gateway-error, reset, timeout, connect-failure, refused-stream, a gRPC status such as 'unavailable', "
        + "'header:{name}', 'header:{name}={value}' or 'problem:{type}'";

    private const string HeaderPrefix = "header:";
    private const string ProblemPrefix = "problem:";

    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t:,;\"/");

    private static readonly FrozenDictionary<string, Action<RetryConditions>> Words = new Dictionary<string, Action<RetryConditions>>(StringComparer.OrdinalIgnoreCase)
    {
        ["gateway-error"] = static conditions => conditions.AddStatuses(502, 504),
        ["retriable-4xx"] = static conditions => conditions.AddStatuses(409, 409),
        ["reset"] = static conditions => conditions.OnReset = true,
        ["timeout"] = static conditions => conditions.OnTimeout = true,

        // What was provably not sent is repeated in any case; lists from elsewhere name it.
        ["connect-failure"] = static _ => { },
        ["refused-stream"] = static _ => { },
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // In the order of their codes; "ok" is no reason to repeat anything.
    private static readonly string[] GrpcStatuses =
    [
        "ok", "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists", "permission-denied",
        "resource-exhausted", "failed-precondition", "aborted", "out-of-range", "unimplemented", "internal", "unavailable", "data-loss", "unauthenticated",
    ];

    /// <summary>Gives <see langword="null"/> for no list, which means the mesh's own judgement.</summary>
    public static RetryConditions? Parse(List<string>? texts)
    {
        if (texts is null)
        {
            return null;
        }

        var conditions = new RetryConditions();
        texts.ForEach(text => TryAdd(text, conditions));
        return conditions;
    }

    public static void Validate(List<string>? texts, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < texts?.Count; i++)
        {
            if (!TryAdd(texts[i], new RetryConditions()))
            {
                errors.Add($"{path}:{i}", texts[i], Allowed);
            }
        }
    }

    private static bool TryAdd(string text, RetryConditions conditions)
    {
        if (Words.TryGetValue(text, out var add))
        {
            add(conditions);
            return true;
        }

        var grpc = Array.FindIndex(GrpcStatuses, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        if (grpc > 0)
        {
            conditions.AddGrpcStatus(grpc);
            return true;
        }

        if (text.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return TryAddHeader(text[HeaderPrefix.Length..], conditions);
        }

        if (text.StartsWith(ProblemPrefix, StringComparison.OrdinalIgnoreCase) && text.Length > ProblemPrefix.Length)
        {
            conditions.AddProblem(text[ProblemPrefix.Length..]);
            return true;
        }

        return TryAddStatuses(text, conditions);
    }

    private static bool TryAddHeader(string text, RetryConditions conditions)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (name.Length == 0 || name.AsSpan().ContainsAny(NotInNames))
        {
            return false;
        }

        conditions.AddHeader(name, equals < 0 ? null : text[(equals + 1)..]);
        return true;
    }

    private static bool TryAddStatuses(string text, RetryConditions conditions)
    {
        int first, last;
        if (text.Length == 3 && text.EndsWith("xx", StringComparison.OrdinalIgnoreCase) && text[0] is >= '1' and <= '5')
        {
            first = (text[0] - '0') * 100;
            last = first + 99;
        }
        else
        {
            var dash = text.IndexOf('-', StringComparison.Ordinal);
            if (!TryStatus(dash < 0 ? text : text.AsSpan(0, dash), out first) || !TryStatus(text.AsSpan(dash + 1), out last) || last < first)
            {
                return false;
            }
        }

        conditions.AddStatuses(first, last);
        return true;
    }

    private static bool TryStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && text.Length == 3 && status is >= 100 and < RetryConditions.StatusEnd;
}
