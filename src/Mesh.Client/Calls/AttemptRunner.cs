using System.Globalization;
using Mesh.Client.Ejection;
using Mesh.Client.Endpoints;
using Mesh.Client.Timeouts;
using Mesh.Outcomes;

namespace Mesh.Client.Calls;

/// <summary>
/// Begins and ends attempts: picks the endpoint, starts its time-out, writes the propagation headers, and afterwards
/// tells everybody who learns from outcomes.
/// </summary>
internal sealed class AttemptRunner(TimeProvider time, Random random, bool rewritesUri)
{
    private const string HostHeader = "Host";

    // A request that cannot be repeated leaves the risk of a probe to those that can, unless none comes along.
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5);

    private volatile LimitText? _limit;

    // Path and query of the caller's URI are in the form it wants already; a gateway's must not change by a byte.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly long _probePatience = (long)(ProbePatience.TotalSeconds * time.TimestampFrequency);

    public TimeProvider Time => time;

    public Attempt Begin(in CallScope call, HttpRequestMessage request, ReadOnlySpan<Endpoint> tried, int number)
    {
        var now = time.GetTimestamp();
        var endpoints = call.Service.Endpoints;
        var pick = endpoints.Pick(call.Policy.Balancer, random, tried, now, call.CanRepeat ? now : now - _probePatience);
        if (pick.Endpoint is not { } endpoint)
        {
            throw MeshRejectedException.NoEndpoints(call.Service.Name);
        }

        var limit = call.AttemptTimeout;
        var remaining = call.Deadline.Remaining(time);
        if (remaining != Timeout.InfiniteTimeSpan && (limit == Timeout.InfiniteTimeSpan || remaining < limit))
        {
            limit = remaining;
        }

        Prepare(request, endpoint, endpoints.Scheme, limit, number);
        endpoint.Begin();
        return new Attempt(endpoint, endpoints, AttemptTimeout.Start(limit, time, call.Caller), now, pick.IsProbe);
    }

    public void End(in CallScope call, in Attempt attempt, HttpRequestMessage request, Uri uri, CallOutcome outcome)
    {
        attempt.Timeout.Return();
        Restore(request, uri);
        var now = time.GetTimestamp();
        attempt.Endpoint.End(outcome, time.GetElapsedTime(attempt.Started, now));
        var change = call.Service.Ledger.Record(attempt.Endpoint, attempt.Endpoints.All, outcome, attempt.IsProbe, now, call.Policy.Ejection);
        if (change != HealthChange.None)
        {
            call.Service.Report(attempt.Endpoint, change);
        }
    }

    private void Prepare(HttpRequestMessage request, Endpoint endpoint, string scheme, TimeSpan limit, int number)
    {
        var uri = request.RequestUri!;
        if (rewritesUri)
        {
            if (!request.Headers.NonValidated.Contains(HostHeader))
            {
                request.Headers.TryAddWithoutValidation(HostHeader, HostOf(uri));
            }

            request.RequestUri = endpoint.Rewrite(uri);
        }
        else if (!ReferenceEquals(uri.Scheme, scheme) && uri.Scheme != scheme)
        {
            // "https+http": discovery has decided which.
            request.RequestUri = new Uri($"{scheme}://{uri.IdnHost}{uri.PathAndQuery}", AsWritten);
        }

        if (limit != Timeout.InfiniteTimeSpan)
        {
            request.Headers.TryAddWithoutValidation(MeshHeaders.Timeout, Format(limit));
        }

        if (number > 1)
        {
            request.Headers.TryAddWithoutValidation(MeshHeaders.Attempt, number.ToString(CultureInfo.InvariantCulture));
        }

        if (request.Content is null && !RequestIdempotency.IsIdempotent(request))
        {
            // SocketsHttpHandler sends a request without content again when a pooled connection closes before the
            // answer, even a POST that the server has already carried out. With content, be it empty, it does not.
            request.Content = new EmptyBody();
        }
    }

    private void Restore(HttpRequestMessage request, Uri uri)
    {
        request.Headers.Remove(MeshHeaders.Timeout);
        if (request.Content is EmptyBody)
        {
            request.Content = null;
        }

        if (ReferenceEquals(request.RequestUri, uri))
        {
            return;
        }

        request.RequestUri = uri;
        if (rewritesUri && request.Headers.NonValidated.TryGetValues(HostHeader, out var host) && host.ToString() == HostOf(uri))
        {
            request.Headers.Remove(HostHeader);
        }
    }

    // Uri keeps the host and makes the authority anew each time.
    private static string HostOf(Uri uri) => uri.IsDefaultPort ? uri.Host : uri.Authority;

    // Outside a request with a deadline, every attempt has the same limit: its text is kept.
    private string Format(TimeSpan limit)
    {
        var known = _limit;
        if (known is null || known.Limit != limit)
        {
            _limit = known = new LimitText(limit, DeadlineHeader.Format(limit));
        }

        return known.Text;
    }

    private sealed record LimitText(TimeSpan Limit, string Text);

    private sealed class EmptyBody() : ByteArrayContent([]);
}
