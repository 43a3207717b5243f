using Mesh.Configuration;
using Mesh.Gateway.Quotas;
using Mesh.Gateway.Routing;
using Mesh.Gateway.Usage;
using Mesh.Limits;
using Mesh.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Consumers;

/// <summary>Registers what plans, quotas and usage are made of.</summary>
internal static class ConsumerServices
{
    public static void AddGatewayConsumers(this IServiceCollection services)
    {
        services.AddSingleton<PlanLimiters>();
        services.AddSingleton<ConsumerGate>();
        services.AddSingleton(static provider => new JournalQueue(OptionsOf(provider).Directory is not null));
        services.AddSingleton(static provider => new QuotaLedger(provider.GetRequiredService<JournalQueue>()));
        services.AddSingleton(static provider => new QuotaShares(
            provider.GetService<IQuotaStore>() is { } store
                ? new QuotaStoreGate(store, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<QuotaStoreGate>>())
                : null,
            provider.GetRequiredService<QuotaLedger>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new UsageLedger(provider.GetRequiredService<JournalQueue>(), OptionsOf(provider).MaxEntries));
        services.AddSingleton(static provider => new UsageStore(
            provider.GetRequiredService<QuotaLedger>(),
            provider.GetRequiredService<UsageLedger>(),
            provider.GetRequiredService<JournalQueue>(),
            OptionsOf(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UsageStore>>()));
        services.AddHostedService<UsageHost>();
        services.AddHostedService<QuotaShareHost>();
        services.AddSingleton<IMeshStateSource, UsageState>();
    }

    // Those of the first policy: files are opened once.
    private static UsageOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<PolicySource<GatewayPolicy>>().Current.Usage;
}
