using System.Collections.Frozen;
using System.Globalization;
using Mesh.Configuration;
using Mesh.Gateway.Hygiene;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Mesh.Gateway.Https;

/// <summary>How callers are led to TLS and kept there. Immutable.</summary>
internal sealed class HttpsPolicy
{
    public const int DefaultPort = 443;

    private const int MaxPort = 65_535;

    // What the list that browsers ship asks for, and what is customary at most.
    private static readonly TimeSpan PreloadAge = TimeSpan.FromDays(365);
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(2 * 366);

    private readonly bool _redirects;
    private readonly int _statusCode;
    private readonly string _port;
    private readonly FrozenSet<string> _plaintextPaths;
    private readonly StringValues _strictTransportSecurity;

    private HttpsPolicy(HttpsOptions options)
    {
        _redirects = options.Redirect;
        _statusCode = options.StatusCode;
        _port = options.Port == DefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{options.Port}");
        _plaintextPaths = options.PlaintextPaths.ToFrozenSet(StringComparer.Ordinal);
        var hsts = options.Hsts;
        _strictTransportSecurity = hsts.MaxAge is { } age
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"max-age={(long)age.TotalSeconds}{(hsts.IncludeSubDomains ? "; includeSubDomains" : "")}{(hsts.Preload ? "; preload" : "")}")
            : default;
    }

    /// <returns><see langword="null"/> when nothing is asked of callers.</returns>
    public static HttpsPolicy? Compile(HttpsOptions options, string path, ConfigurationErrors errors)
    {
        if (options.StatusCode is not (301 or 302 or 307 or 308))
        {
            errors.Add($"{path}:{nameof(options.StatusCode)}", options.StatusCode, "301, 302, 307 or 308");
        }

        errors.CheckRange($"{path}:{nameof(options.Port)}", options.Port, 1, MaxPort);
        for (var i = 0; i < options.PlaintextPaths.Count; i++)
        {
            if (!options.PlaintextPaths[i].StartsWith('/'))
            {
                errors.Add($"{path}:{nameof(options.PlaintextPaths)}:{i}", options.PlaintextPaths[i], "a path, which begins with a slash");
            }
        }

        Check(options.Hsts, $"{path}:{nameof(options.Hsts)}", errors);
        return options.Redirect || options.Hsts.MaxAge is not null ? new HttpsPolicy(options) : null;
    }

    /// <summary>Sends a request without TLS away, and sees to it that the response to one with TLS says what browsers shall remember.</summary>
    /// <returns>Whether the request has been answered.</returns>
    public bool TryAnswer(HttpContext http, HostList? hosts)
    {
        if (http.Request.IsHttps)
        {
            if (_strictTransportSecurity.Count > 0 && !IsLoopbackName(http.Request.Host.Value))
            {
                // At the last moment, so that what a service says of itself does not stand beside it: who ends TLS decides.
                http.Response.OnStarting(
                    static state =>
                    {
                        var (response, value) = ((HttpResponse, StringValues))state;
                        response.Headers.StrictTransportSecurity = value;
                        return Task.CompletedTask;
                    },
                    (http.Response, _strictTransportSecurity));
            }

            return false;
        }

        // For whom it is must be clear, and somebody we answer for: the rest is refused in its place.
        if (!_redirects
            || _plaintextPaths.Contains(http.Request.Path.Value ?? "")
            || !HostName.IsSound(http.Request)
            || !http.Request.Host.HasValue
            || hosts?.Contains(http.Request.Host.Value.AsSpan()) == false)
        {
            return false;
        }

        http.Response.StatusCode = _statusCode;
        http.Response.ContentLength = 0;
        http.Response.Headers.Location = Target(http);
        return true;
    }

    private static void Check(HstsOptions hsts, string path, ConfigurationErrors errors)
    {
        if (hsts.MaxAge is null)
        {
            if (hsts.IncludeSubDomains || hsts.Preload)
            {
                errors.AddMissing($"{path}:{nameof(hsts.MaxAge)}", "a duration: without one browsers are told nothing");
            }

            return;
        }

        if (hsts.MaxAge < TimeSpan.Zero || hsts.MaxAge > MaxAge)
        {
            errors.Add($"{path}:{nameof(hsts.MaxAge)}", hsts.MaxAge, "a duration from 0 to two years");
        }

        if (hsts.Preload && (!hsts.IncludeSubDomains || hsts.MaxAge < PreloadAge))
        {
            errors.Add($"{path}:{nameof(hsts.Preload)}", hsts.Preload, $"false, unless {nameof(hsts.IncludeSubDomains)} is true and {nameof(hsts.MaxAge)} at least 365 days");
        }
    }

    // A developer's own machine has many sites on one name, and not all of them have TLS.
    private static bool IsLoopbackName(string? authority) => HostList.WithoutPort(authority).Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private string Target(HttpContext http)
    {
        var host = HostList.WithoutPort(http.Request.Host.Value);
        var bracketed = host.Contains(':') ? $"[{host}]" : host.ToString();
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

        // As it came, so that nothing is decoded or escaped twice; another form than this has no path of its own to keep.
        return raw.StartsWith('/') ? $"https://{bracketed}{_port}{raw}" : $"https://{bracketed}{_port}{http.Request.PathBase}{http.Request.Path.ToUriComponent()}{http.Request.QueryString}";
    }
}
