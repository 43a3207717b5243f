using Mesh.Configuration;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Auth.Tokens;

/// <summary>Keeps keys through reloads of the configuration.</summary>
internal sealed class InternalTokenRegistry(TimeProvider time, ILogger<InternalTokenRegistry> logger)
{
    private SigningKeyRing? _ring;

    /// <summary>Compiles options. Called by one thread at a time.</summary>
    /// <returns><see langword="null"/> after an error, and when there are no options.</returns>
    public InternalTokens? Compile(InternalTokenOptions? options, string path, ConfigurationErrors errors)
    {
        if (options is null)
        {
            return null;
        }

        var before = errors.All.Count;
        options.Validate(path, errors);
        if (errors.All.Count > before)
        {
            return null;
        }

        if (_ring?.IsOf(options.KeyFiles) != true)
        {
            if (SigningKeyRing.Open(options.KeyFiles, $"{path}:{nameof(options.KeyFiles)}", errors, time, logger) is not { } opened)
            {
                return null;
            }

            opened.Retire(_ring);
            _ring = opened;
        }

        return new InternalTokens(options.Issuer!, options.Lifetime, options.JwksPath, _ring, time);
    }
}
