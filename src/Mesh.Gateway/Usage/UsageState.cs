using System.Text.Json;
using Mesh.Configuration;
using Mesh.Gateway.Quotas;
using Mesh.Gateway.Routing;
using Mesh.State;

namespace Mesh.Gateway.Usage;

/// <summary>Plans in force, how much is counted, and whether it is kept. Who used what is in the report.</summary>
internal sealed class UsageState(PolicySource<GatewayPolicy> policy, QuotaLedger quotas, QuotaShares shares, UsageLedger usage, UsageStore store) : IMeshStateSource
{
    public string Name => "consumers";

    public void Write(Utf8JsonWriter writer)
    {
        var consumers = policy.Current.Consumers;
        writer.WriteStartObject();
        writer.WriteNumber("consumers", consumers?.Count ?? 0);
        writer.WriteStartObject("plans");
        foreach (var plan in consumers?.Plans ?? [])
        {
            writer.WriteString(plan.Name, plan.PolicyField);
        }

        writer.WriteEndObject();
        writer.WriteNumber("quotaAccounts", quotas.Count);
        writer.WriteNumber("sharedQuotas", shares.Count);
        writer.WriteString("quotaStore", shares.Store);
        writer.WriteNumber("usageEntries", usage.Count);
        writer.WriteString("journal", store.IsFailing ? "failing" : store.IsKept ? "kept" : "none");
        writer.WriteEndObject();
    }
}
