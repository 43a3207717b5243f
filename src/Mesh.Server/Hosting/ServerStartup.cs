using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Policy;
using Mesh.Server.Tls;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Hosting;

/// <summary>What must be in order before the first connection is accepted: a valid policy, and an identity where one is shown.</summary>
internal static class ServerStartup
{
    // Services are asked for here and not before, so that the start-up check reports what is wrong with them.
    public static void Check(IServiceProvider services)
    {
        var policy = services.GetRequiredService<PolicySource<ServerPolicy>>().Current;
        if (policy.PeerAuthentication != PeerAuthenticationMode.Strict && !policy.Ports.Values.Contains(PeerAuthenticationMode.Strict))
        {
            return;
        }

        try
        {
            _ = services.GetRequiredService<IIdentitySource>().Current;
        }
        catch (MeshIdentityException exception)
        {
            throw new MeshConfigurationException(
                ServerPolicyCompiler.Subject,
                [$"{ServerPolicyCompiler.Subject}:{nameof(MeshServerOptions.PeerAuthentication)}: 'Strict' needs an identity. {exception.Message}"]);
        }
    }
}
