using System.Text.Json;
using Mesh.Configuration;
using Mesh.Identity;
using Mesh.Server.Policy;
using Mesh.Server.Telemetry;
using Mesh.State;

namespace Mesh.Server.State;

/// <summary>What the server knows at this moment: identity, policy in force, limits, refusals.</summary>
internal sealed class MeshServerState(PolicySource<ServerPolicy> policies, IIdentitySource identities, MeshServerTelemetry telemetry) : IMeshStateSource
{
    public string Name => "server";

    public void Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var policy = policies.Current;
        writer.WriteStartObject();
        writer.WriteString("peerAuthentication", policy.PeerAuthentication.ToString());
        writer.WriteNumber("policyRevision", policies.Revision);
        WriteIdentity(writer);
        writer.WritePropertyName("authentication");
        policy.Authentication.Write(writer);
        writer.WriteStartArray("rateLimits");
        foreach (var limit in policy.Limits?.All ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", limit.Table.Name);
            writer.WriteString("partition", limit.Partition.ToString());
            writer.WriteNumber("keys", limit.Table.Count);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (policy.Shedder is { } shedder)
        {
            writer.WriteStartObject("loadShedding");
            writer.WriteNumber("limit", shedder.Limiter.Limit);
            writer.WriteNumber("inFlight", shedder.Limiter.InFlight);
            writer.WriteNumber("waiting", shedder.Limiter.Waiting);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("refusals");
        foreach (var (reason, count) in telemetry.RefusalsByReason)
        {
            writer.WriteNumber(reason, count);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteIdentity(Utf8JsonWriter writer)
    {
        try
        {
            var identity = identities.Current;
            writer.WriteStartObject("identity");
            writer.WriteString("id", identity.Id.ToString());
            writer.WriteString("expiresAt", identity.ExpiresAt);
            writer.WriteEndObject();
        }
        catch (MeshIdentityException)
        {
            writer.WriteNull("identity");
        }
    }
}
