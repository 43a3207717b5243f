using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Gateway.Caching;

/// <summary>For how long a response is good, and for whom (RFC 9111, 4.2 and 5.2.2; RFC 5861).</summary>
internal readonly record struct Freshness
{
    /// <summary>When it came.</summary>
    public DateTimeOffset Received { get; init; }

    /// <summary>How old it was then.</summary>
    public TimeSpan InitialAge { get; init; }

    public TimeSpan Lifetime { get; init; }

    /// <summary>Whether the lifetime is the rule's and not the service's.</summary>
    public bool IsByDefault { get; init; }

    /// <summary>Whether the service is to be asked each time.</summary>
    public bool MustAsk { get; init; }

    /// <summary>Whether it is good for callers who have shown who they are (RFC 9111, 3.5).</summary>
    public bool IsForAll { get; init; }

    public TimeSpan StaleWhileRevalidate { get; init; }

    public TimeSpan StaleIfError { get; init; }

    public TimeSpan AgeAt(DateTimeOffset now) => InitialAge + (now > Received ? now - Received : TimeSpan.Zero);

    public bool IsFreshAt(DateTimeOffset now) => !MustAsk && AgeAt(now) < Lifetime;

    public bool MayBeStaleAt(DateTimeOffset now, TimeSpan grace) => !MustAsk && AgeAt(now) < Lifetime + grace;

    /// <summary>Reads what a response says.</summary>
    /// <returns><see langword="null"/> when it must not be kept.</returns>
    public static Freshness? Read(int status, IHeaderDictionary headers, TimeSpan defaultTtl, DateTimeOffset requested, DateTimeOffset received)
    {
        var control = new CacheControlHeaderValue();
        var says = headers.CacheControl.Count > 0;

        // What cannot be read may have been meant to forbid it.
        if (says && !CacheControlHeaderValue.TryParse(headers.CacheControl.ToString(), out control!))
        {
            return null;
        }

        if (control.NoStore || control.Private)
        {
            return null;
        }

        var date = ReadDate(headers.Date) ?? received;
        var apparent = received > date ? received - date : TimeSpan.Zero;
        var told = ReadSeconds(headers[HeaderNames.Age].ToString()) + (received - requested);
        var expires = headers.Expires.Count == 0 ? (TimeSpan?)null : (ReadDate(headers.Expires) ?? date) - date;
        var lifetime = control.SharedMaxAge ?? control.MaxAge ?? expires;
        var isByDefault = lifetime is null && !says && defaultTtl > TimeSpan.Zero;
        if (isByDefault ? !MayBeKeptByDefault(status) : lifetime is null && !control.NoCache)
        {
            return null;
        }

        var mustRevalidate = control.MustRevalidate || control.ProxyRevalidate;
        return new Freshness
        {
            Received = received,
            InitialAge = apparent > told ? apparent : told,
            Lifetime = isByDefault ? defaultTtl : lifetime ?? TimeSpan.Zero,
            IsByDefault = isByDefault,
            MustAsk = control.NoCache,
            IsForAll = control.Public || control.MustRevalidate || control.SharedMaxAge is not null,
            StaleWhileRevalidate = mustRevalidate ? TimeSpan.Zero : Extension(control, "stale-while-revalidate"),
            StaleIfError = mustRevalidate ? TimeSpan.Zero : Extension(control, "stale-if-error"),
        };
    }

    /// <summary>Reads a whole number of seconds; 0 for anything else.</summary>
    public static TimeSpan ReadSeconds(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    // An error that says nothing is over before long.
    private static bool MayBeKeptByDefault(int status) =>
        status is StatusCodes.Status200OK or StatusCodes.Status203NonAuthoritative or StatusCodes.Status301MovedPermanently or StatusCodes.Status308PermanentRedirect;

    private static DateTimeOffset? ReadDate(StringValues field) => HeaderUtilities.TryParseDate(field.ToString(), out var date) ? date : null;

    private static TimeSpan Extension(CacheControlHeaderValue control, string name)
    {
        foreach (var extension in control.Extensions)
        {
            if (extension.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return ReadSeconds(extension.Value.ToString());
            }
        }

        return TimeSpan.Zero;
    }
}
