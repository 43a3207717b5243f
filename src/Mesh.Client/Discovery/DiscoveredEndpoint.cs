using Mesh.Client.Endpoints;

namespace Mesh.Client.Discovery;

/// <summary>An endpoint as discovery names it.</summary>
internal readonly record struct DiscoveredEndpoint(EndpointAddress Address, EndpointMetadata Metadata);
