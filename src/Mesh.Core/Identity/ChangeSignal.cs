using Microsoft.Extensions.Primitives;

namespace Mesh.Identity;

/// <summary>Gives out change tokens and fires them: each fires once, and the next one asked for is fresh.</summary>
#pragma warning disable CA1001 // A source is never disposed: a reader may be about to ask it for its token, and without a timer it holds nothing.
internal sealed class ChangeSignal
#pragma warning restore CA1001
{
    private CancellationTokenSource _source = new();

    public IChangeToken Token => new CancellationChangeToken(Volatile.Read(ref _source).Token);

    public void Fire() => Interlocked.Exchange(ref _source, new CancellationTokenSource()).Cancel();
}
