using Mesh.Identity;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mesh.EndToEnd.Tests.Interop;

/// <summary>An identity that stays.</summary>
internal sealed class Given(X509Identity identity) : IIdentitySource
{
    public X509Identity Current => identity;

    public IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
