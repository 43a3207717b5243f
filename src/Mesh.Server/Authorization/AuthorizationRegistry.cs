using Mesh.Authorization;
using Mesh.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authorization;

/// <summary>Joins compiled documents with the authorizers they name: those the application registered, and those the configuration describes.</summary>
internal sealed class AuthorizationRegistry
{
    private readonly Dictionary<string, IMeshAuthorizer> _registered = new(StringComparer.OrdinalIgnoreCase);
    private readonly IHttpClientFactory _clients;
    private readonly TimeProvider _time;
    private readonly MeshServerTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly ILogger _audit;

    public AuthorizationRegistry(
        IEnumerable<NamedAuthorizer> registered,
        IHttpClientFactory clients,
        TimeProvider time,
        MeshServerTelemetry telemetry,
        ILoggerFactory loggers)
    {
        foreach (var (name, authorizer) in registered)
        {
            _registered[name] = authorizer;
        }

        _clients = clients;
        _time = time;
        _telemetry = telemetry;
        _logger = loggers.CreateLogger("Mesh.Server.Authorization");
        _audit = loggers.CreateLogger("Mesh.Server.Audit");
    }

    /// <summary>Whether the application registered an authorizer of this name.</summary>
    public bool Knows(string name) => _registered.ContainsKey(name);

    /// <summary>Makes the documents ready for requests; every authorizer they name has been checked.</summary>
    public RequestAuthorization Use(AuthorizationEngine engine, IDictionary<string, AuthorizerOptions> configured) => new(
        engine,
        [.. engine.Authorizers.Select(name => configured.TryGetValue(name, out var options)
            ? new HttpAuthorizer(name, options, _clients, _time, _logger)
            : _registered[name])],
        [.. engine.Authorizers.Where(configured.ContainsKey).SelectMany(name => configured[name].HeadersToUpstream)],
        _telemetry,
        _logger,
        _audit);
}
