namespace Mesh.Identity;

/// <summary>Object identifiers of the two purposes an SVID's key must serve (RFC 5280, 4.2.1.12).</summary>
internal static class KeyPurpose
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string Any = "2.5.29.37.0";

    public static bool AllowBothRoles(List<string> purposes) =>
        purposes.Contains(ServerAuthentication) && purposes.Contains(ClientAuthentication);
}
