using Microsoft.Extensions.ObjectPool;

namespace Mesh.Server.Deadlines;

/// <summary>
/// Cancellation sources that serve one request after another, as Kestrel's own do: one that was cancelled never comes back,
/// and what a request has registered is taken off before the next.
/// </summary>
internal static class ReusableSource
{
    private static readonly ObjectPool<CancellationTokenSource> Pool = ObjectPool.Create(new Policy());

    public static CancellationTokenSource Get() => Pool.Get();

    public static void Return(CancellationTokenSource source) => Pool.Return(source);

    private sealed class Policy : IPooledObjectPolicy<CancellationTokenSource>
    {
        public CancellationTokenSource Create() => new();

        public bool Return(CancellationTokenSource obj)
        {
            if (obj.TryReset())
            {
                return true;
            }

            obj.Dispose();
            return false;
        }
    }
}
