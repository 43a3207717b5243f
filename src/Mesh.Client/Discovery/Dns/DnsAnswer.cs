namespace Mesh.Client.Discovery.Dns;

/// <summary>What DNS says about a service: endpoints in a fixed order, because servers like to rotate them.</summary>
/// <param name="Endpoints">None when there is no such name, or no such records.</param>
/// <param name="Ttl">How long it is valid: the shortest time of the records it was made of.</param>
internal sealed record DnsAnswer(DnsEndpoint[] Endpoints, TimeSpan Ttl)
{
    public bool IsSame(DnsAnswer other) => Endpoints.AsSpan().SequenceEqual(other.Endpoints);
}
