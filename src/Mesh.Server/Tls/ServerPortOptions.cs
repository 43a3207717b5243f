using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Mesh.Configuration;

namespace Mesh.Server.Tls;

/// <summary>What holds for one port: an entry of <c>Mesh:Server:Ports</c>, as Istio's <c>portLevelMtls</c>.</summary>
public sealed class ServerPortOptions
{
    /// <summary>What is asked of the service at the other end of a connection to this port.</summary>
    /// <value>Required.</value>
    public PeerAuthenticationMode? PeerAuthentication { get; set; }

    internal static void Read(ConfigurationReader reader, ServerPortOptions options) =>
        options.PeerAuthentication = reader.OneOf<PeerAuthenticationMode>(nameof(PeerAuthentication)) ?? options.PeerAuthentication;

    internal static void Validate(IDictionary<string, ServerPortOptions> ports, string path, ConfigurationErrors errors)
    {
        foreach (var (port, options) in ports)
        {
            if (!TryParse(port, out _))
            {
                errors.Add($"{path}:{port}", port, "the number of a port, from 1 to 65535");
            }

            if (options.PeerAuthentication is null)
            {
                errors.AddMissing($"{path}:{port}:{nameof(PeerAuthentication)}", "Strict, Permissive or Disabled");
            }
        }
    }

    internal static FrozenDictionary<int, PeerAuthenticationMode> Compile(IDictionary<string, ServerPortOptions> ports) =>
        ports.ToFrozenDictionary(
            static port => int.Parse(port.Key, NumberStyles.None, CultureInfo.InvariantCulture),
            static port => port.Value.PeerAuthentication.GetValueOrDefault());

    // "08080" would be a second entry for the same port.
    private static bool TryParse(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
        && port is > 0 and <= IPEndPoint.MaxPort
        && text[0] != '0';
}
