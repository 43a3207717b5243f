using System.Text.Json;
using Mesh.Configuration;
using Mesh.Gateway.Caching;
using Mesh.Gateway.Routing;
using Mesh.State;

namespace Mesh.Gateway.State;

/// <summary>The routes in force.</summary>
internal sealed class MeshGatewayState(PolicySource<GatewayPolicy> policy, MeshGatewayCache cache) : IMeshStateSource
{
    public string Name => "gateway";

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("policyRevision", policy.Revision);
        writer.WriteStartArray("rules");
        foreach (var rule in policy.Current.Routes.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("route", rule.RouteName);
            writer.WriteString("rule", rule.Name);
            writer.WriteStartObject("weights");
            foreach (var backend in rule.Backends.GroupBy(static backend => backend.Authority))
            {
                writer.WriteNumber(backend.Key, backend.Sum(static share => (long)share.Weight));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteFindings(writer);
        if (policy.Current.Cache is { } limits)
        {
            writer.WriteStartObject("cache");
            writer.WriteNumber("entries", cache.Count);
            writer.WriteNumber("bytes", cache.Bytes);
            writer.WriteNumber("maxBytes", limits.MaxBytes);
            writer.WriteNumber("hits", cache.Hits);
            writer.WriteNumber("misses", cache.Misses);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteFindings(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("findings");
        foreach (var finding in policy.Current.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", finding.Kind.ToString());
            writer.WriteString("path", finding.Path);
            if (finding.Other is { } other)
            {
                writer.WriteString("other", other);
            }

            writer.WriteString("message", finding.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
