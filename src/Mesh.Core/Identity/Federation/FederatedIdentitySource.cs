using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Identity.Federation;

/// <summary>An identity whose trust is extended by the bundles of other trust domains.</summary>
internal sealed class FederatedIdentitySource : IIdentitySource, IDisposable, IAsyncDisposable
{
    private readonly IIdentitySource _inner;
    private readonly FederatedBundle[] _bundles;
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _feeds = [];
    private volatile Merged? _merged;

    /// <summary>Begins to watch files and to ask endpoints.</summary>
    /// <param name="inner">The identity; owned.</param>
    /// <param name="federation">The other trust domains.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Spreads requests.</param>
    /// <param name="logger">Hears of bundles and of what is wrong with them.</param>
    /// <param name="handler">Instead of the transport of an endpoint's profile.</param>
    public FederatedIdentitySource(
        IIdentitySource inner,
        IEnumerable<KeyValuePair<string, FederatedBundleOptions>> federation,
        TimeProvider time,
        Random random,
        ILogger logger,
        Func<FederatedBundleOptions, HttpMessageHandler>? handler = null)
    {
        _inner = inner;
        var members = federation.Select(member => (Bundle: new FederatedBundle(member.Key, logger), Options: member.Value)).ToList();
        _bundles = [.. members.Select(static member => member.Bundle)];
        foreach (var (bundle, options) in members)
        {
            if (!string.IsNullOrEmpty(options.Bundle))
            {
                _feeds.Add(new BundleFileWatch(options.Bundle, bundle, time));
            }
        }

        // After all files: an endpoint may be verified by the bundle of another member.
        foreach (var (bundle, options) in members)
        {
            if (!string.IsNullOrEmpty(options.Endpoint))
            {
                var transport = handler?.Invoke(options) ?? BundleEndpoint.CreateHandler(options, TrustForEndpoints, time);
                _feeds.Add(new BundleEndpoint(new Uri(options.Endpoint), transport, bundle, time, random));
            }
        }
    }

    public X509Identity Current
    {
        get
        {
            var own = _inner.Current;
            return _merged is { } merged && IsCurrent(merged, own) ? merged.Identity : Merge();
        }
    }

    public IChangeToken GetChangeToken() =>
        new CompositeChangeToken([_inner.GetChangeToken(), .. _bundles.Select(static bundle => bundle.Changed.Token)]);

    public void Dispose()
    {
        StopFeeds();
        (_inner as IDisposable)?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        StopFeeds();
        if (_inner is IAsyncDisposable inner)
        {
            await inner.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            (_inner as IDisposable)?.Dispose();
        }
    }

    private bool IsCurrent(Merged merged, X509Identity own)
    {
        for (var i = 0; i < _bundles.Length; i++)
        {
            if (!ReferenceEquals(merged.Bundles[i], _bundles[i].Current))
            {
                return false;
            }
        }

        return ReferenceEquals(merged.Own, own);
    }

    // One at a time: connections compare identities by reference, and the same one must not come in two copies.
    private X509Identity Merge()
    {
        lock (_lock)
        {
            var own = _inner.Current;
            if (_merged is { } merged && IsCurrent(merged, own))
            {
                return merged.Identity;
            }

            var bundles = Array.ConvertAll(_bundles, static bundle => bundle.Current);
            var trust = Extend(own.Trust, own.Id.TrustDomain, bundles);

            // A later edition with the same authorities is no change for anybody.
            var identity = _merged is { } previous && ReferenceEquals(previous.Own, own) && previous.Identity.Trust.SameAs(trust)
                ? previous.Identity
                : own.WithTrust(trust);
            _merged = new Merged(own, bundles, identity);
            return identity;
        }
    }

    private TrustBundles Extend(TrustBundles trust, string? ownTrustDomain, SpiffeBundle?[] bundles)
    {
        for (var i = 0; i < bundles.Length; i++)
        {
            // Nobody else says whom to trust in our own name.
            if (bundles[i] is { } bundle && _bundles[i].TrustDomain != ownTrustDomain)
            {
                trust = trust.With(_bundles[i].TrustDomain, bundle);
            }
        }

        return trust;
    }

    // An endpoint may be asked before this process has an identity: then by the files alone.
    private TrustBundles TrustForEndpoints()
    {
        try
        {
            return Current.Trust;
        }
        catch (MeshIdentityException)
        {
            return Extend(new TrustBundles([]), ownTrustDomain: null, Array.ConvertAll(_bundles, static bundle => bundle.Current));
        }
    }

    private void StopFeeds()
    {
        foreach (var feed in _feeds)
        {
            feed.Dispose();
        }
    }

    private sealed record Merged(X509Identity Own, SpiffeBundle?[] Bundles, X509Identity Identity);
}
