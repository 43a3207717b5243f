using Microsoft.Extensions.Primitives;

namespace Mesh.Identity;

/// <summary>Where this process gets its identity from, and hears of its rotation.</summary>
/// <remarks>
/// One per process, in the service container. Client and server read <see cref="Current"/> at each handshake, so a
/// rotated identity is used by the next connection.
/// </remarks>
public interface IIdentitySource
{
    /// <summary>The identity in force: one volatile read.</summary>
    /// <exception cref="MeshIdentityException">There is none; the message says what to configure.</exception>
    X509Identity Current { get; }

    /// <summary>A token that fires once, when <see cref="Current"/> has been replaced.</summary>
    IChangeToken GetChangeToken();
}
