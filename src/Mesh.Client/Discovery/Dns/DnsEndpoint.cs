using System.Net;
using Mesh.Client.Endpoints;

namespace Mesh.Client.Discovery.Dns;

/// <summary>One endpoint that DNS names.</summary>
/// <param name="Address">Its address; port 0 is the scheme's own.</param>
/// <param name="Metadata">Priority and weight, where an SRV record gives them.</param>
internal sealed record DnsEndpoint(IPEndPoint Address, EndpointMetadata Metadata);
