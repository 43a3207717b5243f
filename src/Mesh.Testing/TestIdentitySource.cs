using Mesh.Identity;
using Microsoft.Extensions.Primitives;

namespace Mesh.Testing;

/// <summary>The identity of a process under test: fixed, until the test replaces it.</summary>
public sealed class TestIdentitySource : IIdentitySource, IDisposable
{
    private volatile X509Identity _current;
    private CancellationTokenSource _changed = new();

    /// <summary>Creates it.</summary>
    public TestIdentitySource(X509Identity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _current = identity;
    }

    /// <inheritdoc/>
    public X509Identity Current => _current;

    /// <inheritdoc/>
    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Rotates: the next handshake uses <paramref name="identity"/>.</summary>
    public void Rotate(X509Identity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _current = identity;
        using var previous = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        previous.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();
}
