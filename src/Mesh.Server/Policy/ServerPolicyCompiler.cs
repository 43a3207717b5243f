using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Authentication;
using Mesh.Server.RateLimits;
using Mesh.Server.Tls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Policy;

/// <summary>Builds the policy from configuration and code: everything is checked before any state is touched.</summary>
internal sealed class ServerPolicyCompiler(
    IConfigurationSection? section,
    IReadOnlyList<IConfigureOptions<MeshServerOptions>> configures,
    IssuerRegistry issuers,
    RateLimiterRegistry limiters,
    TrustDomainAliases aliases)
{
    public const string Subject = "Mesh:Server";

    private bool _isGuarded;

    public ServerPolicy Compile()
    {
        var errors = new ConfigurationErrors();
        var options = ConfigurationReader.Read(section, configures, errors, MeshServerOptions.Read);
        var path = section?.Path ?? Subject;
        options.Validate(path, errors);
        var authorization = AuthorizationEngine.Compile(options.Authorization.AsReadOnly(), $"{path}:{nameof(options.Authorization)}", errors, aliases);
        if (_isGuarded && options.Authorization.Count == 0)
        {
            // Without documents everybody may do everything. A file that is being rewritten, or has become unreadable, looks
            // just like that to a reload that another file causes.
            errors.Add($"{path}:{nameof(options.Authorization)}", "every document has disappeared; to run without any, start the service without any.");
        }

        errors.ThrowIfAny(Subject);
        _isGuarded = options.Authorization.Count > 0;
        return new ServerPolicy
        {
            PeerAuthentication = options.PeerAuthentication,
            PlaintextPaths = options.PlaintextPaths.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Tls = ServerTlsPolicy.From(options.Tls),
            Tokens = issuers.Use(options.Authentication.Jwt),
            Authorization = authorization,
            Limits = limiters.Use(options.RateLimits),
            RequestTimeout = options.RequestTimeout,
        };
    }
}
