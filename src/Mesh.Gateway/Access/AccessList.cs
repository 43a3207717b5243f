using System.Net;
using Mesh.Addresses;
using Mesh.Configuration;

namespace Mesh.Gateway.Access;

/// <summary>From which addresses requests may come. Immutable.</summary>
internal sealed class AccessList
{
    private readonly AddressBlocks? _allow;
    private readonly AddressBlocks? _deny;

    private AccessList(AddressBlocks? allow, AddressBlocks? deny)
    {
        _allow = allow;
        _deny = deny;
    }

    /// <returns><see langword="null"/> when everybody may come.</returns>
    public static AccessList? Compile(List<string> allow, List<string> deny, string path, ConfigurationErrors errors)
    {
        var allowed = AddressBlocks.Compile(allow, $"{path}:{nameof(AccessOptions.Allow)}", errors);
        var denied = AddressBlocks.Compile(deny, $"{path}:{nameof(AccessOptions.Deny)}", errors);
        return allowed is null && denied is null ? null : new AccessList(allowed, denied);
    }

    /// <param name="address">Where a request comes from; <see langword="null"/> for a connection without addresses.</param>
    public bool Permits(IPAddress? address) => _deny?.Contains(address) != true && _allow?.Contains(address) != false;
}
