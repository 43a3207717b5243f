using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;
using Mesh.Limits;
using Mesh.Redis.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Gateway.Tests.Quotas.Shared;

/// <summary>What one gateway has of quotas that are shared through a real Redis, without its sockets.</summary>
internal sealed class SharingNode : IQuotaStore, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IQuotaStore _store;
    private int _asked;

    public SharingNode(int port, TimeProvider time, QuotaLedger? ledger = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Mesh:Redis:Connection", (string?)RedisServer.ConnectionTo(port))]);
        builder.Services.AddMeshRedis();
        _host = builder.Build();
        _store = _host.Services.GetRequiredService<IQuotaStore>();
        Ledger = ledger ?? new QuotaLedger(new JournalQueue(isKept: false));
        Shares = new QuotaShares(new QuotaStoreGate(this, time, NullLogger<QuotaStoreGate>.Instance), Ledger, time);
        Time = time;
    }

    public QuotaShares Shares { get; }

    public QuotaLedger Ledger { get; }

    public TimeProvider Time { get; }

    /// <summary>How often the store was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public async Task<QuotaAnswer> TakeAsync(Quota quota, long cost = 1, string consumer = "acme")
    {
        var (answer, _) = await Shares.TakeAsync(quota, consumer, cost);
        if (answer == QuotaAnswer.Allowed)
        {
            Ledger.Note(quota, consumer, cost, Time.GetUtcNow());
        }

        return answer;
    }

    public async Task<int> CountAsync(Quota quota, int requests, long cost = 1)
    {
        var allowed = 0;
        for (var i = 0; i < requests; i++)
        {
            allowed += await TakeAsync(quota, cost) == QuotaAnswer.Allowed ? 1 : 0;
        }

        return allowed;
    }

    /// <summary>Settles as often as it takes to see that a consumer is idle.</summary>
    public async Task RestAsync()
    {
        await Shares.SettleAsync(all: false);
        await Shares.SettleAsync(all: false);
    }

    /// <summary>Waits until the store answers again.</summary>
    public async Task ReconnectAsync(Microsoft.Extensions.Time.Testing.FakeTimeProvider time)
    {
        for (var attempt = 0; Shares.Store == "away"; attempt++)
        {
            Assert.That(attempt, Is.LessThan(200), "the store does not come back");
            await Task.Delay(100);
            time.Advance(QuotaStoreGate.ProbeInterval);
            await Shares.SettleAsync(all: true);
        }

        await Shares.SettleAsync(all: true);
    }

    public ValueTask<SharedQuotaAnswer> ClaimAsync(SharedQuotaClaim claim, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return _store.ClaimAsync(claim, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
