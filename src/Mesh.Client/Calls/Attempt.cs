using Mesh.Client.Endpoints;
using Mesh.Client.Timeouts;

namespace Mesh.Client.Calls;

/// <summary>One sending of a request to one endpoint.</summary>
internal readonly record struct Attempt(Endpoint Endpoint, EndpointSet Endpoints, AttemptTimeout Timeout, long Started, bool IsProbe);
