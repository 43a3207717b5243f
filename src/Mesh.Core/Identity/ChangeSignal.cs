using Microsoft.Extensions.Primitives;

namespace Mesh.Identity;

/// <summary>Gives out change tokens and fires them: each fires once, and the next one asked for is fresh.</summary>
internal sealed class ChangeSignal
{
    private CancellationTokenSource _source = new();

    public IChangeToken Token => new CancellationChangeToken(Volatile.Read(ref _source).Token);

    // The old source is not disposed: a reader may be about to ask it for its token.
    public void Fire() => Interlocked.Exchange(ref _source, new CancellationTokenSource()).Cancel();
}
