using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Dns;

/// <summary>Names the endpoints of one service, unless another source has named some already.</summary>
internal sealed class DnsEndpointProvider(ServiceEndpointQuery query, DnsEndpointProviderFactory factory) : IServiceEndpointProvider
{
    // Its owner asks one question at a time and disposes it after the last.
    private DnsWatch? _watch;

    public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        // First the token, then the policy: a change in between is not missed.
        endpoints.AddChangeToken(factory.GetChangeToken());
        var policy = factory.Policy;
        var target = policy.TargetOf(query);
        if (target is null || factory.IsConfigured(query.ServiceName) || !endpoints.Endpoints.All(PassThrough.IsEcho))
        {
            await StopAsync().ConfigureAwait(false);
            return;
        }

        var watch = await FollowAsync(target, policy).ConfigureAwait(false);
        var (answer, changed) = await watch.GetAsync(cancellationToken).ConfigureAwait(false);
        endpoints.AddChangeToken(changed);
        foreach (var found in answer.Endpoints)
        {
            var endpoint = ServiceEndpoint.Create(found.Address);
            endpoint.Features.Set<IServiceEndpointProvider>(this);
            endpoint.Features.Set(found.Metadata);
            endpoints.Endpoints.Add(endpoint);
        }
    }

    public ValueTask DisposeAsync() => StopAsync();

    /// <inheritdoc/>
    public override string ToString() => "DNS";

    private async ValueTask<DnsWatch> FollowAsync(DnsTarget target, DnsPolicy policy)
    {
        if (_watch is { } watch && watch.Policy == policy && watch.Target == target)
        {
            return watch;
        }

        // Other servers may be asked now, but what is known of the same name is still the best guess.
        var lastKnown = _watch?.Target == target ? _watch.LastKnown : null;
        await StopAsync().ConfigureAwait(false);
        return _watch = factory.Watch(target, policy, lastKnown);
    }

    private async ValueTask StopAsync()
    {
        if (Interlocked.Exchange(ref _watch, null) is { } watch)
        {
            await watch.DisposeAsync().ConfigureAwait(false);
        }
    }
}
