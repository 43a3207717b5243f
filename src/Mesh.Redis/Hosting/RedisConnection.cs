using StackExchange.Redis;

namespace Mesh.Redis;

/// <summary>
/// The connection, made in the background: a process starts without its store, and requests that come before it is there are
/// told at once.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly bool _isOurs;
    private readonly Lazy<Task<IConnectionMultiplexer>> _connecting;

    public RedisConnection(IConnectionMultiplexer existing) => _connecting = new(Task.FromResult(existing));

    public RedisConnection(ConfigurationOptions options)
    {
        // What is asked of a store that is away fails at once, and does not come through in a burst when it is back.
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        _isOurs = true;
        _connecting = new(() => ConnectAsync(options));
    }

    public ValueTask<IDatabase> DatabaseAsync() => _connecting.Value is { IsCompletedSuccessfully: true } connected
        ? ValueTask.FromResult(connected.Result.GetDatabase())
        : AwaitAsync();

    public async ValueTask DisposeAsync()
    {
        if (_isOurs && _connecting is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await _connecting.Value.Result.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions options)
    {
        await Task.Yield();
        return await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
    }

    private async ValueTask<IDatabase> AwaitAsync() => (await _connecting.Value.ConfigureAwait(false)).GetDatabase();
}
