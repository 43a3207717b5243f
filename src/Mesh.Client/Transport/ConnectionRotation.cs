using System.Collections.Concurrent;
using Mesh.Identity;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Transport;

/// <summary>Has every connection of this process reviewed when its identity or trust changes, and when the policy does.</summary>
internal sealed class ConnectionRotation : IDisposable
{
    private readonly ConcurrentDictionary<EndpointTransport, bool> _transports = new();
    private readonly IDisposable _subscription;

    public ConnectionRotation(IIdentitySource identity, TimeProvider time, Random random)
    {
        Identity = identity;
        Time = time;
        Random = random;
        _subscription = ChangeToken.OnChange(identity.GetChangeToken, ReviewAll);
    }

    public IIdentitySource Identity { get; }

    public TimeProvider Time { get; }

    public Random Random { get; }

    public void Add(EndpointTransport transport) => _transports[transport] = true;

    public void Remove(EndpointTransport transport) => _transports.TryRemove(transport, out _);

    public void ReviewAll()
    {
        foreach (var (transport, _) in _transports)
        {
            transport.Review();
        }
    }

    /// <summary>The identity in force, or <see langword="null"/> when there is none.</summary>
    public X509Identity? CurrentIdentity()
    {
        try
        {
            return Identity.Current;
        }
        catch (MeshIdentityException)
        {
            return null;
        }
    }

    public void Dispose() => _subscription.Dispose();
}
