using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Mesh.Gateway.Login;

/// <summary>
/// The discovery document of the provider. While it cannot be had, browsers wait for one attempt together, and none begins
/// within <see cref="RetryDelay"/> of the last.
/// </summary>
internal sealed partial class ProviderMetadata(string authority, IConfigurationManager<OpenIdConnectConfiguration> manager, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private volatile bool _isKnown;
    private Task<OpenIdConnectConfiguration?>? _attempt;
    private long? _failed;

    /// <returns><see langword="null"/> when it cannot be had now.</returns>
    public async ValueTask<OpenIdConnectConfiguration?> TryGetAsync(CancellationToken cancellationToken)
    {
        if (_isKnown)
        {
            // It keeps what it knows while it cannot get anything newer.
            return await manager.GetConfigurationAsync(cancellationToken).ConfigureAwait(false);
        }

        return await Join().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<OpenIdConnectConfiguration?> Join()
    {
        lock (_lock)
        {
            if (_attempt is { IsCompleted: false } || (_failed is { } failed && time.GetElapsedTime(failed) < RetryDelay))
            {
                return _attempt!;
            }

            // It serves many: it must not live under the deadline of the first.
            using (ExecutionContext.SuppressFlow())
            {
                return _attempt = Task.Run(FetchAsync);
            }
        }
    }

    private async Task<OpenIdConnectConfiguration?> FetchAsync()
    {
        try
        {
            var document = await manager.GetConfigurationAsync(CancellationToken.None).ConfigureAwait(false);
            if (document.Issuer.TrimEnd('/') != authority.TrimEnd('/'))
            {
                // OpenID Connect Discovery 1.0, 4.3: the document of another issuer must not be used.
                throw new InvalidDataException($"The discovery document is that of '{document.Issuer}'.");
            }

            _isKnown = true;
            return document;
        }
#pragma warning disable CA1031 // Whatever goes wrong with a document from outside, nobody can log in, and everything else goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failed = time.GetTimestamp();
            Log.Unavailable(logger, authority, exception.GetBaseException().Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Nobody can log in: the provider {Authority} cannot be reached. {Reason}")]
        public static partial void Unavailable(ILogger logger, string authority, string reason);
    }
}
