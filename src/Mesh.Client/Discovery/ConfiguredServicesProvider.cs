using Mesh.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery;

/// <summary>
/// Names the endpoints of a service whose configured list carries metadata. It chooses the list and filters schemes
/// exactly as Microsoft's provider does, which takes every other list and skips what is answered here.
/// </summary>
internal sealed class ConfiguredServicesProvider(
    ServiceEndpointQuery query,
    IConfiguration configuration,
    ConfigurationServiceEndpointProviderOptions options,
    ServiceDiscoveryOptions discovery) : IServiceEndpointProvider
{
    private readonly bool _anyScheme = discovery.AllowAllSchemes && query.IncludedSchemes.Count == 0;

    private readonly string[] _schemes =
    [
        .. discovery.AllowAllSchemes
            ? query.IncludedSchemes
            : query.IncludedSchemes.Count == 0
                ? discovery.AllowedSchemes
                : query.IncludedSchemes.Where(scheme => discovery.AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase)),
    ];

    public ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        var service = configuration.GetSection(options.SectionName).GetSection(query.ServiceName);
        if (endpoints.Endpoints.Count == 0 && ListOf(service) is { } list && ConfiguredServices.HasMetadata(list))
        {
            endpoints.AddChangeToken(service.GetReloadToken());
            var errors = new ConfigurationErrors();
            var found = ConfiguredServices.Read(list, errors).Select(configured => Create(configured, list, errors)).OfType<ServiceEndpoint>().ToArray();
            errors.ThrowIfAny(list.Path);
            foreach (var endpoint in BestScheme(found))
            {
                endpoints.Endpoints.Add(endpoint);
            }
        }

        return default;
    }

    public ValueTask DisposeAsync() => default;

    private IConfigurationSection? ListOf(IConfigurationSection service) => string.IsNullOrWhiteSpace(query.EndpointName)
        ? _schemes.Prepend("default").Select(service.GetSection).FirstOrDefault(static list => list.Exists())
        : service.GetSection(query.EndpointName);

    private ServiceEndpoint? Create(ConfiguredEndpoint configured, IConfigurationSection list, ConfigurationErrors errors)
    {
        if (!ServiceEndpoint.TryParse(configured.Address, out var endpoint))
        {
            errors.Add(list.Path, configured.Address, "host:port or a URI");
            return null;
        }

        endpoint.Features.Set<IServiceEndpointProvider>(this);
        endpoint.Features.Set(configured.Metadata);
        return endpoint;
    }

    // Endpoints without a scheme fit any; of those with one, the scheme that the query names first wins.
    private IEnumerable<ServiceEndpoint> BestScheme(ServiceEndpoint[] found)
    {
        if (_anyScheme)
        {
            return found;
        }

        var best = found.Select(RankOf).Where(static rank => rank is >= 0).DefaultIfEmpty().Min();
        return found.Where(endpoint => RankOf(endpoint) is not { } rank || rank == best);
    }

    private int? RankOf(ServiceEndpoint endpoint) => endpoint.EndPoint is UriEndPoint { Uri: var uri } ? Array.IndexOf(_schemes, uri.Scheme) : null;
}
