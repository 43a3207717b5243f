using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Mesh.Client.Endpoints;

namespace Mesh.Client.Discovery.Dns;

/// <summary>
/// Turns records into endpoints. Sending, retries, EDNS and the change to TCP for long answers are DnsClient's.
/// </summary>
internal sealed class DnsLookup(NameServer[] servers, TimeSpan timeout, DnsFamily family)
{
    // Hosts of an SRV answer whose addresses the server did not send along.
    private const int ParallelQueries = 8;

    // Divisible by the numbers of addresses that hosts have, and no weight of 16 bits leaves the range with it.
    private const int WeightScale = 12;

    // Servers say nothing about how long "no such name" holds unless they send an SOA record.
    private static readonly TimeSpan DefaultNegativeTtl = TimeSpan.FromSeconds(5);

    private readonly Lazy<LookupClient> _client = new(() => CreateClient(servers, timeout));

    /// <summary>Asks about a service.</summary>
    /// <exception cref="DnsResponseException">No server gave an answer, or one with an error.</exception>
    /// <exception cref="DnsResponseParseException">What came was no answer.</exception>
    public Task<DnsAnswer> AskAsync(DnsTarget target, CancellationToken cancellationToken) => target.Records == DnsRecords.Srv
        ? AskServiceAsync(target.Name, cancellationToken)
        : AskHostAsync(target.Name, target.Port, cancellationToken);

    private static LookupClient CreateClient(NameServer[] servers, TimeSpan timeout)
    {
        // Without this DnsClient would fall back to a public server and tell it the names of internal services.
        var known = servers.Length > 0 ? servers : [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false)];
        if (known.Length == 0)
        {
            throw new InvalidOperationException("The operating system names no DNS server. Set Mesh:Discovery:Dns:NameServers.");
        }

        return new LookupClient(new LookupClientOptions(known)
        {
            UseCache = false, // the time to live is the watch's business
            Timeout = timeout,
            Retries = 1,
            UseRandomNameServer = false,
            ContinueOnEmptyResponse = false, // "no such records" is an answer
        });
    }

    private async Task<DnsAnswer> AskHostAsync(string name, int port, CancellationToken cancellationToken)
    {
        var (addresses, ttl) = await AddressesAsync(name, cancellationToken).ConfigureAwait(false);
        return Answer(addresses.Select(address => new DnsEndpoint(new IPEndPoint(address, port), EndpointMetadata.Default)), ttl);
    }

    private async Task<DnsAnswer> AskServiceAsync(string name, CancellationToken cancellationToken)
    {
        var (response, ttl) = await QueryAsync(name, QueryType.SRV, cancellationToken).ConfigureAwait(false);

        // A target of "." says that the service is decidedly not there (RFC 2782).
        var records = response.Answers.SrvRecords().Where(static record => record.Target.Value.Length > 1).ToArray();
        var hosts = response.Additionals.OfType<AddressRecord>()
            .Where(record => family != DnsFamily.PreferIPv4 || record.Address.AddressFamily == AddressFamily.InterNetwork)
            .Where(record => family != DnsFamily.PreferIPv6 || record.Address.AddressFamily == AddressFamily.InterNetworkV6)
            .GroupBy(static record => record.DomainName.Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(
                static host => host.Key,
                static host => (Addresses: host.Select(static record => record.Address).ToArray(), Ttl: TimeSpan.FromSeconds(host.Min(static record => record.TimeToLive))),
                StringComparer.OrdinalIgnoreCase);
        var missing = records.Select(static record => record.Target.Value).Where(host => !hosts.ContainsKey(host)).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var gate = new Lock();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelQueries, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(missing, parallel, async (host, token) =>
        {
            var found = await AddressesAsync(host, token).ConfigureAwait(false);
            lock (gate)
            {
                hosts[host] = found;
            }
        }).ConfigureAwait(false);

        foreach (var record in records)
        {
            ttl = Shorter(ttl, hosts[record.Target.Value].Ttl);
        }

        var scale = NeedsScale(records, record => hosts[record.Target.Value].Addresses.Length) ? WeightScale : 1;
        return Answer(records.SelectMany(record => EndpointsOf(record, hosts[record.Target.Value].Addresses, scale)), ttl);
    }

    private static bool NeedsScale(SrvRecord[] records, Func<SrvRecord, int> addresses) =>
        Array.Exists(records, record => addresses(record) > 1)
        || (Array.Exists(records, static record => record.Weight == 0) && Array.Exists(records, static record => record.Weight > 0));

    // The addresses of a host share its weight, and a weight of 0 among others means "hardly ever" (RFC 2782).
    private static IEnumerable<DnsEndpoint> EndpointsOf(SrvRecord record, IPAddress[] addresses, int scale) =>
        addresses.Select(address => new DnsEndpoint(
            new IPEndPoint(address, record.Port),
            new EndpointMetadata { Priority = record.Priority, Weight = Math.Max(1, record.Weight * scale / addresses.Length) }));

    private async Task<(IPAddress[] Addresses, TimeSpan Ttl)> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        var (first, second) = family == DnsFamily.PreferIPv6 ? (QueryType.AAAA, QueryType.A) : (QueryType.A, QueryType.AAAA);
        var (response, ttl) = await QueryAsync(name, first, cancellationToken).ConfigureAwait(false);
        var addresses = response.Answers.AddressRecords().Select(static record => record.Address).ToArray();
        if (response.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain || (addresses.Length > 0 && family != DnsFamily.All))
        {
            return (addresses, ttl);
        }

        var (other, otherTtl) = await QueryAsync(name, second, cancellationToken).ConfigureAwait(false);
        return ([.. addresses, .. other.Answers.AddressRecords().Select(static record => record.Address)], Shorter(ttl, otherTtl));
    }

    private async Task<(IDnsQueryResponse Response, TimeSpan Ttl)> QueryAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        // The closing dot: the name is complete and no search list is to lengthen it.
        var response = await _client.Value.QueryAsync($"{name.TrimEnd('.')}.", type, QueryClass.IN, cancellationToken).ConfigureAwait(false);
        if (response.Header.ResponseCode is not (DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain))
        {
            throw new DnsResponseException((DnsResponseCode)response.Header.ResponseCode);
        }

        return (response, TtlOf(response));
    }

    private static TimeSpan TtlOf(IDnsQueryResponse response)
    {
        if (response.Answers.Count > 0)
        {
            return TimeSpan.FromSeconds(response.Answers.Min(static record => record.TimeToLive));
        }

        // RFC 2308, 5: a negative answer is valid for the lesser of the SOA record's own time and its MINIMUM field.
        return response.Authorities.OfType<SoaRecord>().FirstOrDefault() is { } soa
            ? TimeSpan.FromSeconds(Math.Min(soa.TimeToLive, soa.Minimum))
            : DefaultNegativeTtl;
    }

    private static DnsAnswer Answer(IEnumerable<DnsEndpoint> endpoints, TimeSpan ttl) => new(
        [.. endpoints.Distinct().OrderBy(static endpoint => endpoint.Metadata.Priority).ThenBy(static endpoint => endpoint.Address.ToString(), StringComparer.Ordinal).ThenBy(static endpoint => endpoint.Metadata.Weight)],
        ttl);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
