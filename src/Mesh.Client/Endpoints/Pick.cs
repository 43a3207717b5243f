namespace Mesh.Client.Endpoints;

/// <summary>The endpoint of an attempt; <see langword="default"/> when the service has none.</summary>
internal readonly record struct Pick(Endpoint? Endpoint, bool IsProbe);
