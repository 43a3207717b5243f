using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mesh.Identity;

/// <summary>Stands in where nothing was configured: plaintext and pass-through calls work, mutual TLS fails closed.</summary>
internal sealed class MissingIdentitySource : IIdentitySource
{
    public X509Identity Current => throw new MeshIdentityException(
        "This process has no identity, so it cannot speak mutual TLS. Set Mesh:Identity:Source, or register an IIdentitySource.");

    public IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
