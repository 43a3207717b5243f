using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Server.Authentication;
using Mesh.Server.RateLimits;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Policy;

/// <summary>Builds the policy from configuration and code: everything is checked before any state is touched.</summary>
internal sealed class ServerPolicyCompiler(
    IConfigurationSection? section,
    IReadOnlyList<IConfigureOptions<MeshServerOptions>> configures,
    IssuerRegistry issuers,
    RateLimiterRegistry limiters)
{
    public const string Subject = "Mesh:Server";

    public ServerPolicy Compile()
    {
        var options = new MeshServerOptions();
        var errors = new ConfigurationErrors();
        if (section is not null)
        {
            ConfigurationReader.Read(section, errors, options, MeshServerOptions.Read);
        }

        foreach (var configure in configures)
        {
            configure.Configure(options);
        }

        var path = section?.Path ?? Subject;
        options.Validate(path, errors);
        var authorization = AuthorizationEngine.Compile(options.Authorization.AsReadOnly(), $"{path}:{nameof(options.Authorization)}", errors);
        errors.ThrowIfAny(Subject);
        return new ServerPolicy
        {
            PeerAuthentication = options.PeerAuthentication,
            PlaintextPaths = options.PlaintextPaths.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Tokens = issuers.Use(options.Authentication.Jwt),
            Authorization = authorization,
            Limits = limiters.Use(options.RateLimits),
            RequestTimeout = options.RequestTimeout,
        };
    }
}
