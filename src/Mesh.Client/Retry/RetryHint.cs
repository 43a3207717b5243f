using System.Globalization;

namespace Mesh.Client.Retry;

/// <summary>Reads <c>Retry-After</c> (RFC 9110, 10.2.3): seconds or a date.</summary>
internal static class RetryHint
{
    // Envoy's bound; a longer wait is not a pause but a refusal.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(300);

    /// <summary>The pause the callee asked for; <see langword="null"/> when it asked for none that can be read.</summary>
    public static TimeSpan? Read(HttpResponseMessage response, DateTimeOffset now)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values))
        {
            return null;
        }

        var text = values.ToString();
        if (text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? Bound(TimeSpan.FromSeconds(seconds))
                : Longest;
        }

        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Bound(date - now)
            : null;
    }

    private static TimeSpan Bound(TimeSpan pause) => pause < TimeSpan.Zero ? TimeSpan.Zero : pause > Longest ? Longest : pause;
}
