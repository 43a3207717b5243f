using Mesh.Identity;
using Microsoft.Extensions.Primitives;

namespace Mesh.Core.Tests.Identity.Federation;

/// <summary>An identity that is set by hand.</summary>
internal sealed class FixedSource(X509Identity identity) : IIdentitySource, IDisposable
{
    private CancellationTokenSource _changed = new();

    public X509Identity Current { get; private set; } = identity;

    public bool IsDisposed { get; private set; }

    public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    public void Rotate(X509Identity identity)
    {
        Current = identity;
        var changed = _changed;
        _changed = new CancellationTokenSource();
        changed.Cancel();
        changed.Dispose();
    }

    public void Dispose()
    {
        IsDisposed = true;
        _changed.Dispose();
    }
}
