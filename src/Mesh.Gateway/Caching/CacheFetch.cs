using System.Buffers;
using Mesh.Routing.Caching;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Gateway.Caching;

/// <summary>One request on its way to a service, and what becomes of the answer.</summary>
/// <param name="http">The request.</param>
/// <param name="filter">What the rule says.</param>
/// <param name="request">What the request says.</param>
/// <param name="stale">What is kept and has to be confirmed; <see langword="null"/> for nothing.</param>
/// <param name="limits">How much may be kept.</param>
/// <param name="flight">Those who wait for the answer.</param>
/// <param name="time">The clock.</param>
internal sealed class CacheFetch(
    HttpContext http,
    RouteCache filter,
    CacheRequest request,
    CacheEntry? stale,
    CacheLimits limits,
    CacheFlight? flight,
    TimeProvider time)
{
    // What is about the message and not about what it carries, and what the gateway says to each caller anew.
    private static readonly string[] NotKept = [HeaderNames.Age, HeaderNames.ContentLength, HeaderNames.TransferEncoding, HeaderNames.Connection];

    // What the gateway itself has put there for this caller before the service was asked.
    private readonly KeyValuePair<string, StringValues>[] _before = [.. http.Response.Headers];
    private ArrayBufferWriter<byte>? _body;
    private CacheVerdict? _verdict;
    private Freshness _freshness;
    private KeyValuePair<string, StringValues>[] _headers = [];
    private string[] _varies = [];
    private long? _announced;

    public DateTimeOffset Requested { get; } = time.GetUtcNow();

    /// <summary>Whether the service has confirmed what is kept.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>The status of the service's answer.</summary>
    public int Status { get; private set; }

    /// <summary>Whether the resource is such that nobody need wait for its answers: what is said to one caller alone, or about its own condition, does not tell.</summary>
    public bool IsUnfit => _verdict == CacheVerdict.Pass
        && request is { IsKnownCaller: false, HasCookies: false, ForbidsStoring: false, IsHead: false }
        && Status is < StatusCodes.Status500InternalServerError and not StatusCodes.Status304NotModified;

    /// <summary>What is said of it in <c>Cache-Status</c>; called once, when the answer is to be kept or passed on.</summary>
    public required Func<CacheVerdict, string> Describe { get; init; }

    /// <summary>Decides, before the first byte goes to the caller.</summary>
    public CacheVerdict Decide()
    {
        if (_verdict is { } decided)
        {
            return decided;
        }

        var verdict = Judge();
        _verdict = verdict;
        if (verdict == CacheVerdict.Pass)
        {
            flight?.Release();
        }

        if (verdict != CacheVerdict.Replace && !http.Response.HasStarted)
        {
            StoredAnswer.Say(http.Response.Headers, Describe(verdict));
        }

        return verdict;
    }

    public void Keep(ReadOnlySpan<byte> bytes)
    {
        _body ??= new ArrayBufferWriter<byte>(Math.Max(256, (int)(_announced ?? 0)));
        if (_body.WrittenCount + (long)bytes.Length > limits.MaxEntryBytes)
        {
            _body = null;
            _verdict = CacheVerdict.Pass;
            flight?.Release();
            return;
        }

        _body.Write(bytes);
    }

    /// <summary>What is to be kept, once all of the answer has passed.</summary>
    /// <returns><see langword="null"/> when that is nothing: also when the answer broke off.</returns>
    public CacheEntry? Complete(string key, string target, out string[] varies)
    {
        varies = _varies;
        var length = _body?.WrittenCount ?? 0;
        return _verdict != CacheVerdict.Keep
            || http.Features.Get<IForwarderErrorFeature>() is not null
            || http.RequestAborted.IsCancellationRequested
            || (_announced is { } announced && announced != length)
            ? null
            : new CacheEntry(varies.Length == 0 ? key : CacheKey.Vary(key, varies, http.Request.Headers), target, Requested)
            {
                Status = Status,
                Headers = _headers,
                Body = _body?.WrittenSpan.ToArray() ?? [],
                Freshness = _freshness,
                ETag = Find(_headers, HeaderNames.ETag),
                LastModified = Find(_headers, HeaderNames.LastModified),
            };
    }

    /// <summary>What is kept, with what the service has said about it now (RFC 9111, 3.2 and 4.3.4).</summary>
    public CacheEntry Freshen(CacheEntry entry)
    {
        var headers = Collect();
        foreach (var (name, values) in entry.Headers)
        {
            headers.TryAdd(name, values);
        }

        var all = headers.ToArray();
        var dictionary = new HeaderDictionary(headers);
        return entry with
        {
            Requested = Requested,
            Headers = all,
            Freshness = Freshness.Read(entry.Status, dictionary, filter.DefaultTtl, Requested, time.GetUtcNow()) ?? entry.Freshness with { Lifetime = TimeSpan.Zero, MustAsk = true },
            ETag = Find(all, HeaderNames.ETag),
            LastModified = Find(all, HeaderNames.LastModified),
        };
    }

    /// <summary>Takes the answer of the service out of the response, so that another can be written.</summary>
    public void Withdraw()
    {
        var headers = http.Response.Headers;
        headers.Clear();
        foreach (var (name, values) in _before)
        {
            headers[name] = values;
        }
    }

    private CacheVerdict Judge()
    {
        var response = http.Response;
        Status = response.StatusCode;
        if (stale is not null && !response.HasStarted)
        {
            IsConfirmed = Status == StatusCodes.Status304NotModified;
            if (IsConfirmed || (Status >= StatusCodes.Status500InternalServerError && stale.Freshness.MayBeStaleAt(time.GetUtcNow(), stale.Freshness.StaleIfError)))
            {
                return CacheVerdict.Replace;
            }
        }

        var headers = response.Headers;
        if (!Storability.IsFit(Status, headers)
            || Freshness.Read(Status, headers, filter.DefaultTtl, Requested, time.GetUtcNow()) is not { } freshness
            || !request.MayLeave(freshness)
            || Storability.ReadVary(headers.Vary) is not { } varies
            || response.ContentLength > limits.MaxEntryBytes)
        {
            return CacheVerdict.Pass;
        }

        (_freshness, _varies, _announced) = (freshness, varies, response.ContentLength);
        _headers = [.. Collect()];

        // What is stale at once is of use only where the service can be asked about it.
        return freshness.IsFreshAt(freshness.Received) || Find(_headers, HeaderNames.ETag) is not null || Find(_headers, HeaderNames.LastModified) is not null
            ? CacheVerdict.Keep
            : CacheVerdict.Pass;
    }

    private Dictionary<string, StringValues> Collect()
    {
        var kept = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in http.Response.Headers)
        {
            if (!Array.Exists(NotKept, other => other.Equals(name, StringComparison.OrdinalIgnoreCase))
                && !Array.Exists(_before, other => other.Key.Equals(name, StringComparison.OrdinalIgnoreCase) && other.Value == values))
            {
                kept[name] = values;
            }
        }

        return kept;
    }

    private static string? Find(KeyValuePair<string, StringValues>[] headers, string name)
    {
        foreach (var (key, values) in headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return values.ToString();
            }
        }

        return null;
    }
}
