using System.Net;

namespace Mesh.Client.Discovery.Dns;

/// <summary>One endpoint that DNS names.</summary>
/// <param name="Address">Its address; port 0 is the scheme's own.</param>
/// <param name="Priority">That of its SRV record: lower is preferred. 0 without one.</param>
/// <param name="Weight">That of its SRV record, shared by the addresses of its host; <see langword="null"/> without one.</param>
internal sealed record DnsEndpoint(IPEndPoint Address, int Priority, int? Weight);
