using System.Security.Cryptography.X509Certificates;
using Mesh.Identity;

namespace Mesh.Tests.Certificates;

/// <summary>One chain that a peer may present, and what is to come of it.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Expected"><see cref="PeerRefusal.None"/> when it is to be accepted.</param>
/// <param name="Leaf">The leaf with its key.</param>
/// <param name="Others">What is sent along.</param>
internal sealed record ChainCase(string Name, PeerRefusal Expected, Forged Leaf, X509Certificate2[] Others)
{
    public override string ToString() => Name;
}
