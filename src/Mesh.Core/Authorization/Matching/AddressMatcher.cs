using System.Net;

namespace Mesh.Authorization;

/// <summary>What must hold of an address. An IPv4 address that arrives in IPv6 form is an IPv4 address.</summary>
internal sealed class AddressMatcher(string name, AddressAttribute attribute, IPNetwork[]? any, IPNetwork[]? none)
    : TwoFormMatcher<IPNetwork>(name, any, none)
{
    protected override bool MatchesAny(IPNetwork[] values, bool isNot, in AuthorizationRequest request)
    {
        var address = attribute switch
        {
            AddressAttribute.Source => request.Attributes?.SourceAddress,
            AddressAttribute.Remote => request.Attributes?.RemoteAddress,
            _ => request.Attributes?.DestinationAddress,
        };
        if (address is null)
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var block in values)
        {
            if (block.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
