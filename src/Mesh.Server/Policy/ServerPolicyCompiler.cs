using System.Collections.Frozen;
using Mesh.Authorization;
using Mesh.Configuration;
using Mesh.Faults;
using Mesh.Identity;
using Mesh.Limits;
using Mesh.Server.Authentication;
using Mesh.Server.Authorization;
using Mesh.Server.Faults;
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
    AuthenticationRegistry authentications,
    RateLimiterRegistry limiters,
    LoadShedderRegistry shedders,
    AuthorizationRegistry authorizations,
    ServerCertificateRegistry certificates,
    MeshServiceOptions service,
    TrustDomainAliases aliases,
    FaultGuard guard,
    TimeProvider time)
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
        CheckSharedLimits(options, path, errors);
        var faults = ServerFaults.Compile(options.Faults, $"{path}:{nameof(options.Faults)}", errors, guard, time);
        var opened = certificates.Open(options.Tls.Certificates, $"{path}:{nameof(options.Tls)}:{nameof(options.Tls.Certificates)}", errors);
        if (errors.All.Count > 0)
        {
            certificates.Discard(opened);
            errors.ThrowIfAny(Subject);
        }

        _isGuarded = options.Authorization.Count > 0;
        return new ServerPolicy
        {
            PeerAuthentication = options.PeerAuthentication,
            Ports = ServerPortOptions.Compile(options.Ports),
            ForwardedCertificates = Forwarded.ForwardedCertificates.Compile(options.ForwardedClientCertificate, aliases),
            PlaintextPaths = options.PlaintextPaths.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Tls = ServerTlsPolicy.From(options.Tls, certificates.Adopt(opened, options.Tls.Certificates)),
            Authentication = authentications.Use(options.Authentication),
            Authorization = authorizations.Use(authorization, options.Authorizers),
            Limits = limiters.Use(options.RateLimits),
            Shedder = shedders.Use(options.LoadShedding),
            Faults = faults,
            DrainGrace = options.Drain.Grace,
            TransportLimits = options.Limits,
            Paths = options.Paths.Compile(),
            RequestTimeout = options.RequestTimeout,
        };
    }

    private void CheckSharedLimits(MeshServerOptions options, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < options.RateLimits.Count && !limiters.HasStore; i++)
        {
            if (options.RateLimits[i].Shared is not null)
            {
                errors.Add($"{path}:{nameof(options.RateLimits)}:{i}:{nameof(RateLimitOptions.Shared)}", "there is no store to share the limit through: call AddMeshRedis(), or register an IRateLimitStore.");
            }
        }
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
