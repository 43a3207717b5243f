namespace Mesh.Authorization;

/// <summary>The attributes of a request that are an address.</summary>
internal enum AddressAttribute
{
    Source,
    Remote,
    Destination,
}
