using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.LoadShedding;
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
    LoadShedderRegistry shedders,
    AuthorizationRegistry authorizations,
    MeshServiceOptions service,
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
        var authorization = AuthorizationEngine.Compile(options.Authorization.AsReadOnly(), service.Namespace, $"{path}:{nameof(options.Authorization)}", errors, aliases);
        if (_isGuarded && options.Authorization.Count == 0)
        {
            // Without documents everybody may do everything. A file that is being rewritten, or has become unreadable, looks
            // just like that to a reload that another file causes.
            errors.Add($"{path}:{nameof(options.Authorization)}", "every document has disappeared; to run without any, start the service without any.");
        }

        CheckAuthorizers(options, path, errors);
        errors.ThrowIfAny(Subject);
        _isGuarded = options.Authorization.Count > 0;
        return new ServerPolicy
        {
            PeerAuthentication = options.PeerAuthentication,
            PlaintextPaths = options.PlaintextPaths.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Tls = ServerTlsPolicy.From(options.Tls),
            Tokens = issuers.Use(options.Authentication.Jwt),
            Authorization = authorizations.Use(authorization, options.Authorizers),
            Limits = limiters.Use(options.RateLimits),
            Shedder = shedders.Use(options.LoadShedding),
            RequestTimeout = options.RequestTimeout,
        };
    }

    private void CheckAuthorizers(MeshServerOptions options, string path, ConfigurationErrors errors)
    {
        foreach (var (name, policy) in options.Authorization)
        {
            if (policy is { Action: AuthorizationAction.Custom, Provider.Name: { Length: > 0 } provider }
                && !options.Authorizers.ContainsKey(provider)
                && !authorizations.Knows(provider))
            {
                errors.Add(
                    $"{path}:{nameof(options.Authorization)}:{name}:{nameof(policy.Provider)}:{nameof(policy.Provider.Name)}",
                    provider,
                    $"an entry of {path}:{nameof(options.Authorizers)} or a name given to AddMeshAuthorizer()");
            }
        }
    }
}
