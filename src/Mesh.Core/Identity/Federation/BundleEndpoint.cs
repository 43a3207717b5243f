using System.Net.Security;
using System.Security.Authentication;

namespace Mesh.Identity.Federation;

/// <summary>Keeps a federated bundle as its endpoint publishes it (SPIFFE Federation, 4 and 5).</summary>
internal sealed class BundleEndpoint : IDisposable
{
    /// <summary>How often to ask when the bundle has no hint (Federation, 4.1).</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(5);

    // A hint is a hint: neither may a partner make us flood it, nor forget it for longer than a day.
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Uri _address;
    private readonly FederatedBundle _bundle;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();

    public BundleEndpoint(Uri address, HttpMessageHandler handler, FederatedBundle bundle, TimeProvider time, Random random)
    {
        _address = address;
        _bundle = bundle;
        _time = time;
        _random = random;
        _client = new HttpClient(handler) { MaxResponseContentBufferSize = SpiffeBundle.MaxBytes, Timeout = Timeout.InfiniteTimeSpan };
        _ = RunAsync(_stop.Token);
    }

    /// <summary>The transport of a profile.</summary>
    /// <param name="options">The endpoint.</param>
    /// <param name="trust">The bundles in force, at each handshake.</param>
    /// <param name="time">The clock.</param>
    public static HttpMessageHandler CreateHandler(FederatedBundleOptions options, Func<TrustBundles> trust, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            // Where a redirect leads has not been configured as the source of this trust domain's keys (Federation, 7.5.1).
            AllowAutoRedirect = false,
            UseCookies = false,

            // Each fetch verifies anew.
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, AllowTlsResume = false },
        };
        if (options.Profile == BundleEndpointProfile.HttpsSpiffe)
        {
            handler.SslOptions.CertificateChainPolicy = SpiffeServerCertificate.ChainPolicy;
            handler.SslOptions.RemoteCertificateValidationCallback = new SpiffeServerCertificate(SpiffeId.Parse(options.EndpointId!), trust, time).Validate;
        }

        return handler;
    }

    public void Dispose()
    {
        // Not disposed itself: the loop still looks at it, and without a timer it holds nothing.
        _stop.Cancel();
        _client.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            for (var failures = 0; ;)
            {
                failures = await TryFetchAsync(stop).ConfigureAwait(false) ? 0 : failures + 1;
                await Task.Delay(NextDelay(failures), _time, stop).ConfigureAwait(false);
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Disposed: the client may have gone in the middle of a request.
        }
    }

    private async Task<bool> TryFetchAsync(CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            var content = await _client.GetByteArrayAsync(_address, linked.Token).ConfigureAwait(false);
            _bundle.TakeFromEndpoint(SpiffeBundle.Parse(content), _address);
            return true;
        }
#pragma warning disable CA1031 // Nobody awaits this loop: whatever goes wrong, the last good bundle stays and the next try comes.
        catch (Exception exception) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // Why a handshake failed stands in the innermost of its exceptions.
            _bundle.Keep(_address.ToString(), patience.IsCancellationRequested ? $"No answer within {Patience}." : exception.GetBaseException().Message);
            return false;
        }
    }

    private TimeSpan NextDelay(int failures)
    {
        var interval = _bundle.Current?.RefreshHint ?? DefaultInterval;
        interval = interval < MinInterval ? MinInterval : interval > MaxInterval ? MaxInterval : interval;
        if (failures > 0)
        {
            var retry = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 16));
            interval = retry < interval ? retry : interval;
        }

        // Spread, so that the processes of a mesh do not ask all at once; never later than the hint.
        return interval * (0.8 + (0.2 * _random.NextDouble()));
    }
}
